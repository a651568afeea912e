import { ServerCredentials } from '@grpc/grpc-js';
import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ErrorFilter } from '../common/errors/error.filter.js';
import { MAX_REQUEST_BYTES } from '../common/grpc/service-definition.js';
import type { ServerSettings } from '../config/settings.js';
import { HealthService } from '../health/health.service.js';
import { AppModule } from './app.module.js';
import { GrpcServer } from './grpc-server.js';
import { addReflection } from './reflection.js';
import { grpcServices } from './services.js';

export interface RunningServer {
  readonly app: INestApplicationContext;
  /** The port that each server is bound to. */
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Tells callers and load balancers that calls are served from now on. */
  announce(): void;
  /** Stops to take calls, lets those under way end, and closes everything that was opened. */
  close(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

/** Limits that keep one caller from starving the others. */
const grpcLimits = {
  'grpc.max_receive_message_length': 4 * MAX_REQUEST_BYTES,
  'grpc.max_send_message_length': 64 * MEBIBYTE,
  'grpc.max_concurrent_streams': 1_000,
  'grpc-node.max_session_memory': 64,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.max_connection_idle_ms': 300_000,
  // Counts each call for a debugging service that is not served.
  'grpc.enable_channelz': 0,
};

/** Starts both servers on the database of the URI. Resolves when they listen. */
export async function startServer(
  settings: ServerSettings,
  databaseUri: string,
  logger: LoggerService,
): Promise<RunningServer> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_REQUEST_BYTES,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    // Nothing here is Nest middleware, and each request would look for some.
    skipMiddie: true,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(settings, databaseUri), adapter, {
    logger,
    // Fastify's own parser of JSON: Nest's makes itself anew for each request.
    bodyParser: false,
  });
  app.useGlobalFilters(new ErrorFilter());
  const health = app.get(HealthService);
  const names = Object.keys(grpcServices);
  const grpc = new GrpcServer({
    url: `${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${settings.grpc_port}`,
    services: grpcServices,
    server: grpcLimits,
    credentials: ServerCredentials.createInsecure(),
    configure: (server) => {
      health.grpc.addToServer(server);
      addReflection(server, names);
    },
  });
  app.connectMicroservice({ strategy: grpc });
  await app.init();
  await app.startAllMicroservices();
  await app.listen(settings.http_port, settings.host);
  const address = app.getHttpServer().address();
  return {
    app,
    grpcPort: grpc.port,
    httpPort: typeof address === 'object' && address !== null ? address.port : settings.http_port,
    announce: () => health.serving(names),
    close: () => app.close(),
  };
}
