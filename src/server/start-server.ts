import type { Server as HttpsServer } from 'node:https';
import { experimental, type Server, ServerCredentials } from '@grpc/grpc-js';
import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LinkAccess, type LinkSecret } from '../auth/link-access.js';
import { ErrorFilter } from '../common/errors/error.filter.js';
import { compilePending } from '../common/validation/compile-validator.js';
import { MAX_REQUEST_BYTES } from '../common/grpc/service-definition.js';
import { TimeLimit } from '../common/time-limit.js';
import { untilAborted } from '../common/until-aborted.js';
import type { ServerSettings } from '../config/settings.js';
import { EndpointService } from '../plugin/endpoint.service.js';
import { HealthService } from '../health/health.service.js';
import { AppModule } from './app.module.js';
import { directMethods } from './direct/direct-methods.js';
import { HttpAdapter } from './direct/http-adapter.js';
import { GrpcServer } from './grpc-server.js';
import { namesThisMachine, serveLocalNamesOnly } from './local-only.js';
import { addReflection } from './reflection.js';
import { grpcServices, repositoryServices } from './services.js';
import { TlsFiles } from './tls-files.js';

export interface ServerAddresses {
  /** The port that each server is bound to. */
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Of the repository service; undefined where it has none. */
  readonly repositoryPort?: number | undefined;
  /** Where agents of this machine reach the gRPC server: by loopback, or by a Unix socket where TLS is for others. */
  readonly localAddress: string;
}

/** What serves calls, in this process or in others. */
export interface Serving {
  readonly addresses: ServerAddresses;
  /** Tells callers and load balancers that calls are served from now on. */
  announce(): void;
  /** Callers should go elsewhere. Resolves when those who wait for a deployment have their answers: for these agents are needed. */
  drain(): Promise<void>;
  /** Stops to take calls, lets those under way end, and closes everything that was opened. */
  close(): Promise<void>;
}

export interface RunningServer extends Serving {
  readonly app: INestApplicationContext;
}

/** What the server has to know besides its settings. */
export interface ServerSurroundings {
  /** Of an agent of this machine. */
  readonly agent?: LinkSecret | undefined;
  /** Path of the Unix socket for agents of this machine, where TLS is for others. */
  readonly localSocket?: string | undefined;
}

const MEBIBYTE = 1024 * 1024;

/** How long callers may go on waiting for a deployment after the server was told to stop, in milliseconds. */
const DRAIN_TIME = 10_000;

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
  { agent, localSocket }: ServerSurroundings = {},
): Promise<RunningServer> {
  const tls = await openTls(settings);
  const adapter = new HttpAdapter(httpOptions(tls));
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(settings, databaseUri), adapter, {
    logger,
    // Fastify's own parser of JSON: Nest's makes itself anew for each request.
    bodyParser: false,
  });
  if (agent !== undefined) app.get(LinkAccess).trust(agent);
  app.useGlobalFilters(new ErrorFilter());
  const direct = directMethods(app);
  const localOnly = settings.security.local_only;
  adapter.serveDirectly(direct, (headers) => !localOnly || namesThisMachine(headers));
  const health = app.get(HealthService);
  const names = Object.keys({ ...grpcServices, ...repositoryServices });
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const surroundedBy = (listed: readonly string[]) => (server: Server) => {
    health.grpc.addTo(server);
    if (settings.security.reflection) addReflection(server, listed);
  };
  const repositoryPort = settings.repository_port;
  const repositoryListeners =
    repositoryPort === undefined
      ? []
      : [
          {
            url: `${host}:${repositoryPort}`,
            setting: 'BERTH_REPOSITORY_PORT',
            services: repositoryServices,
            configure: surroundedBy(Object.keys(repositoryServices)),
          },
        ];
  const grpc = new GrpcServer({
    url: `${host}:${settings.grpc_port}`,
    setting: 'BERTH_GRPC_PORT',
    localSocket,
    // The repository service is not listed here, and still served to those who know it.
    services: { ...grpcServices, ...repositoryServices },
    server: grpcLimits,
    credentials: tls === undefined ? ServerCredentials.createInsecure() : grpcCredentials(tls),
    configure: surroundedBy(Object.keys(grpcServices)),
    direct,
    further: repositoryListeners,
  });
  if (localOnly) serveLocalNamesOnly(app.getHttpAdapter().getInstance());
  app.connectMicroservice({ strategy: grpc });
  await app.init();
  await app.startAllMicroservices();
  await app.listen(settings.http_port, settings.host);
  const http = app.getHttpServer();
  tls?.onChange(({ cert, key, ca }) =>
    (http as unknown as HttpsServer).setSecureContext({ cert, key, ...(ca && { ca }) }),
  );
  const address = http.address();
  return {
    app,
    addresses: {
      grpcPort: grpc.port,
      httpPort: typeof address === 'object' && address !== null ? address.port : settings.http_port,
      repositoryPort: grpc.furtherPorts[0],
      localAddress: localSocket === undefined ? `${loopbackOf(settings.host)}:${grpc.port}` : `unix:${localSocket}`,
    },
    announce: () => {
      health.serving(names);
      compilePending();
    },
    drain: async () => {
      health.stopping();
      using limit = new TimeLimit(DRAIN_TIME);
      await untilAborted(app.get(EndpointService, { strict: false }).drain(), limit.signal);
    },
    close: async () => {
      await app.close();
      tls?.close();
    },
  };
}

async function openTls({ security }: ServerSettings): Promise<TlsFiles | undefined> {
  const { tls_cert: cert, tls_key: key, tls_client_ca: clientCa } = security;
  return cert === undefined || key === undefined ? undefined : TlsFiles.open({ cert, key, clientCa });
}

/** How long a request may take to come, in milliseconds. */
const REQUEST_TIME = 30_000;

const nodeOptions = {
  // A header that was sent twice is no header that holds, whichever of the two somebody in front of us has looked at.
  joinDuplicateHeaders: true,
  headersTimeout: REQUEST_TIME,
  connectionsCheckingInterval: REQUEST_TIME / 6,
};

function httpOptions(tls: TlsFiles | undefined) {
  const limits = {
    bodyLimit: MAX_REQUEST_BYTES,
    requestTimeout: REQUEST_TIME,
    forceCloseConnections: 'idle' as const,
    // Who was connected when the server was told to stop is served, and then told that the connection ends.
    return503OnClosing: false,
    // Nothing here is Nest middleware, and each request would look for some.
    skipMiddie: true,
  };
  if (tls === undefined) return { ...limits, http: nodeOptions };
  const { cert, key, ca } = tls.current;
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  return { ...limits, https: { ...nodeOptions, cert, key, ...clients } };
}

function grpcCredentials(tls: TlsFiles): ServerCredentials {
  const clients = tls.current.ca === undefined ? null : tls;
  return experimental.createCertificateProviderServerCredentials(tls, clients, clients !== null);
}

/** How a server that is bound to the address is reached from its own machine. */
function loopbackOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
