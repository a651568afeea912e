import * as grpc from '@grpc/grpc-js';
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

/** What is served on one port. */
export interface GrpcListener {
  /** Address and port to bind to; port 0 takes a free one. */
  readonly url: string;
  /** What decides the port, for who has to be told that it is taken. */
  readonly setting?: string;
  /** Services by their full names. */
  readonly services: Readonly<Record<string, ServiceDefinition>>;
  /** Adds the services that are not served by controllers. */
  readonly configure: (server: Server) => void;
}

export interface GrpcServerOptions extends GrpcListener {
  /** Path of a Unix socket to serve on as well, without TLS: for who may open the file. */
  readonly localSocket?: string | undefined;
  readonly server: ServerOptions;
  readonly credentials: ServerCredentials;
  /** Methods that are called without Nest's own way to them. */
  readonly direct?: readonly DirectMethod[];
  /** Further ports, with services of their own. */
  readonly further?: readonly GrpcListener[];
}

/** Nest's gRPC transport, with our limits, ports that can be asked for, and a shutdown that lets calls end. */
export class GrpcServer extends ServerGrpc {
  /** The port that is served; 0 before it is. */
  port = 0;
  /** The further ports, in their order. */
  readonly furtherPorts: number[] = [];
  private readonly further: Server[] = [];
  private readonly filter = new ErrorFilter();

  constructor(private readonly settings: GrpcServerOptions) {
    super({ package: [], packageDefinition: settings.services });
  }

  /**
   * Nest asks by name for grpc-js and for a loader of proto files. There has to be one copy of the first; the second is for
   * services that are not defined by generated code.
   */
  protected override loadPackageSynchronously<T>(name: string): T {
    return (name === '@grpc/grpc-js' ? grpc : {}) as T;
  }

  /** Not bound yet: whoever came before the services would be told that there are none, which clients take as final. */
  override createClient(): Promise<Server> {
    return Promise.resolve(new Server(this.settings.server));
  }

  override async bindEvents(): Promise<void> {
    const { localSocket, further = [] } = this.settings;
    const server = this.grpcClient as unknown as Server;
    this.port = await this.open(server, this.settings);
    if (localSocket !== undefined) await bind(server, `unix:${localSocket}`, ServerCredentials.createInsecure());
    serveDirectly(server, this.directMethods(this.settings), limitsOf(this.settings.server));
    for (const listener of further) {
      const another = await this.createClient();
      this.further.push(another);
      this.furtherPorts.push(await this.open(another, listener));
      serveDirectly(another, this.directMethods(listener), limitsOf(this.settings.server));
    }
  }

  /** Adds the services of the listener, and binds its port. */
  private async open(server: Server, { url, setting, services, configure }: GrpcListener): Promise<number> {
    for (const [name, definition] of Object.entries(services)) {
      const lastName = name.slice(name.lastIndexOf('.') + 1);
      server.addService(definition, await this.createService({ prototype: definition }, lastName));
    }
    configure(server);
    try {
      return await bind(server, url, this.settings.credentials);
    } catch (error) {
      const named = setting === undefined ? url : `${url}, by ${setting}`;
      throw new Error(`The gRPC port cannot be had (${named}): ${(error as Error).message}`, { cause: error });
    }
  }

  /** Unary ones, by their paths. */
  private directMethods({ services }: GrpcListener): ReadonlyMap<string, GrpcMethod> {
    const methods = Object.values(services).flatMap((service) =>
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
    await Promise.all([server, ...this.further].map(shutDown));
    await super.close();
  }
}

/** Lets calls end, and stops those that go on for too long. */
function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), DRAIN_TIME);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
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
