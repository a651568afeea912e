import {
  type MethodDefinition,
  Server,
  type sendUnaryData,
  ServerCredentials,
  type ServerOptions,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { ServerGrpc } from '@nestjs/microservices';
import { ErrorFilter } from '../common/errors/error.filter.js';
import type { DirectMethod } from './direct/direct-methods.js';

type UnaryCall = ServerUnaryCall<unknown, unknown>;

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

  override async createClient(): Promise<Server> {
    const server = new Server(this.settings.server);
    const { url, credentials, localSocket } = this.settings;
    this.port = await bind(server, url, credentials);
    if (localSocket !== undefined) await bind(server, `unix:${localSocket}`, ServerCredentials.createInsecure());
    this.settings.configure(server);
    return server;
  }

  override createServiceMethod(
    ...[handler, method, type]: Parameters<ServerGrpc['createServiceMethod']>
  ): CallableFunction {
    const name = (method as MethodDefinition<unknown, unknown>).path.slice(1);
    const direct = this.settings.direct?.find((known) => name.endsWith(`.${known.service}/${known.method}`));
    return direct === undefined ? super.createServiceMethod(handler, method, type) : this.unary(direct);
  }

  private unary(method: DirectMethod) {
    return (call: UnaryCall, callback: sendUnaryData<unknown>): void => {
      const host = method.host('rpc', [call.request, call.metadata, call]);
      const refuse = (error: unknown) => callback(this.filter.statusOf(error, host));
      let result: unknown;
      try {
        result = method.call(host);
      } catch (error) {
        return refuse(error);
      }
      if (result instanceof Promise) result.then((value: unknown) => callback(null, value), refuse);
      else callback(null, result);
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
