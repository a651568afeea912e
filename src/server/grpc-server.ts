import {
  type Metadata,
  Server,
  type sendUnaryData,
  ServerCredentials,
  type ServerErrorResponse,
  type ServerOptions,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { type MessageHandler, ServerGrpc } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';

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
}

/** Nest's gRPC transport, with our limits, a port that can be asked for, and a shutdown that lets calls end. */
export class GrpcServer extends ServerGrpc {
  /** The port that is served; 0 before it is. */
  port = 0;

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

  /**
   * A unary call without what Nest's has around it: a copy of the call for hooks that nobody has set, and an observable
   * for the one value there is. Guards, checks and filters are in the handler, and stay.
   */
  override createUnaryServiceMethod(handler: MessageHandler) {
    // Its type knows no third argument; the call is what contexts are made of.
    const serve = handler as (message: unknown, metadata: Metadata, call: UnaryCall) => Promise<unknown>;
    return async (call: UnaryCall, callback: sendUnaryData<unknown>): Promise<void> => {
      try {
        const result = await serve(call.request, call.metadata, call);
        callback(null, isObservable(result) ? await lastValueFrom(result) : result);
      } catch (error) {
        callback(error as ServerErrorResponse);
      }
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
