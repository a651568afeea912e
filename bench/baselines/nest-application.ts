/**
 * The least that a NestJS application with an HTTP and a gRPC server is: no controller, the health service of gRPC, loaded
 * from its files. Prints a line when both listen.
 */
import 'reflect-metadata';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { packageRoot } from '../../src/config/package-root.js';

@Module({})
class Application {}

const app = await NestFactory.create(Application, new FastifyAdapter(), { logger: false });
app.connectMicroservice<MicroserviceOptions>({
  transport: Transport.GRPC,
  options: {
    package: 'grpc.health.v1',
    protoPath: join(packageRoot, 'proto/grpc/health/v1/health.proto'),
    url: '127.0.0.1:0',
  },
});
await app.startAllMicroservices();
await app.listen(0, '127.0.0.1');
process.stdout.write('ready\n');
