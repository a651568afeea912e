import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { ServerGrpc } from '@nestjs/microservices';
import { ErrorFilter } from '../common/errors/error.filter.js';
import { answerBy, type DirectMethod } from './direct/direct-methods.js';
import type { GrpcCall, GrpcLimits, GrpcMethod } from './direct/grpc-call.js';
import { serveDirectly } from './direct/grpc-streams.js';

/** How long calls may go on after the server was told to stop, in milliseconds. */
const DRAIN_TIME = 10_000;

export interface GrpcServerOptions {
  /** Address and port to bind to; port 0 takes a free one. */
  readonly url: string;
  /** Path of a Unix socket to serve on as well, without TLS: for who may open the file. */
  readonly localSocket?: string | undefined;
  /** Services by their full names. */
  readonly services: Readonly<Record<string, ServiceDefinition>>;
  readonly server: ServerOptions;
  readonly credentials: ServerCredentials;
  /** Adds the services that are not served by controllers. */
  readonly configure: (server: Server) => void;
  /** Methods that are called without Nest's own way to them. */
  readonly direct?: readonly DirectMethod[];
}

/** Nest's gRPC transport, with our limits, a port that can be asked for, and a shutdown that lets calls end. */
export class GrpcServer extends ServerGrpc {
  /** The port that is served; 0 before it is. */
  port = 0;
  private readonly filter = new ErrorFilter();

  constructor(private readonly settings: GrpcServerOptions) {
    super({
      package: [...new Set(Object.keys(settings.services).map((name) => name.slice(0, name.lastIndexOf('.'))))],
      packageDefinition: settings.services,
    });
  }

  /** Not bound yet: whoever came before the services would be told that there are none, which clients take as final. */
  override createClient(): Promise<Server> {
    return Promise.resolve(new Server(this.settings.server));
  }

  override async bindEvents(): Promise<void> {
    await super.bindEvents();
    const server = this.grpcClient as unknown as Server;
    const { url, credentials, localSocket } = this.settings;
    this.settings.configure(server);
    this.port = await bind(server, url, credentials);
    if (localSocket !== undefined) await bind(server, `unix:${localSocket}`, ServerCredentials.createInsecure());
    serveDirectly(server, this.directMethods(), limitsOf(this.settings.server));
  }

  /** Unary ones, by their paths. */
  private directMethods(): ReadonlyMap<string, GrpcMethod> {
    const methods = Object.values(this.settings.services).flatMap((service) =>
      Object.values(service).flatMap((definition): [string, GrpcMethod][] => {
        const { path, requestStream, responseStream, requestDeserialize, responseSerialize } =
          definition as MethodDefinition<unknown, unknown>;
        const method = this.settings.direct?.find((known) => path.endsWith(`.${known.service}/${known.method}`));
        if (method === undefined || requestStream || responseStream) return [];
        return [[path, { read: requestDeserialize, write: responseSerialize, answer: this.answering(method) }]];
      }),
    );
    return new Map(methods);
  }

  private answering(method: DirectMethod) {
    return (call: GrpcCall): void => {
      const host = method.host('rpc', [call.request, call.metadata, call]);
      answerBy(
        method,
        host,
        (value) => call.succeed(value),
        (error) => call.fail(this.filter.statusOf(error, host)),
      );
    };
  }

  override async close(): Promise<void> {
    const server = this.grpcClient as unknown as Server | undefined;
    if (!server) return;
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => server.forceShutdown(), DRAIN_TIME);
      server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
    await super.close();
  }
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}

/** As grpc-js understands its options. */
function limitsOf(options: ServerOptions): GrpcLimits {
  const received = options['grpc.max_receive_message_length'] ?? 4 * 1024 * 1024;
  const sent = options['grpc.max_send_message_length'] ?? -1;
  return { received: received < 0 ? Infinity : received, sent: sent < 0 ? Infinity : sent };
}
