// An application of somebody else's that has Berth inside: its own modules, its own database connection, its own
// routes, and plugins called in-process. Run it with `npm run example:monolith`.
import 'reflect-metadata';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { addReflection, GrpcServer, grpcServices } from 'berth';
import { AgentModule, AgentService } from 'berth/agent';
import { startEmbeddedMongo } from 'berth/embedded-mongo';
import { PlatformModule } from './platform.module.js';

const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'berth-monolith-'));
// A real platform has its MongoDB already.
const database = await startEmbeddedMongo({ directory: join(directory, 'db') });

const app = await NestFactory.create<NestFastifyApplication>(
  PlatformModule.forRoot(database.uri),
  new FastifyAdapter(),
  {
    logger: ['error', 'warn'],
  },
);
// The host's own pipe, for the host's own controllers.
app.useGlobalPipes(new ValidationPipe({ whitelist: true }));
const grpc = new GrpcServer({
  url: '127.0.0.1:0',
  services: grpcServices,
  server: {},
  credentials: ServerCredentials.createInsecure(),
  configure: (server) => addReflection(server, Object.keys(grpcServices)),
});
app.connectMicroservice({ strategy: grpc });
await app.init();
await app.startAllMicroservices();
await app.listen(0, '127.0.0.1');

const agent = await NestFactory.createApplicationContext(
  AgentModule.forRoot({
    server: `127.0.0.1:${grpc.port}`,
    domainId: 'domain-platform',
    isPublic: true,
    dataDirectory: directory,
    onExit: 'stop',
  }),
  { logger: ['error', 'warn'] },
);
await agent.get(AgentService).whenConnected();
process.stdout.write(`The platform is ready: gRPC 127.0.0.1:${grpc.port}, HTTP ${await app.getUrl()}\n`);

process.once('SIGTERM', () => {
  void (async () => {
    await agent.close();
    await app.close();
    await database.close();
  })();
});
