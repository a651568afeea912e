import { type DescMessage, fromBinary, fromJson, type JsonObject, toBinary, toJson } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { cloudforetApi } from './cloudforet-api.js';
import { registryOf } from './cloudforet-descriptors.js';
import { freePort } from './free-port.js';

const registry = registryOf(cloudforetApi);

/**
 * A service of Cloudforet as its published package describes it. Messages are JSON, their fields named as in the protos;
 * like those of its Python client they lack what has its default.
 */
export function cloudforetService(name: string): ServiceDefinition {
  const service = registry.getService(name);
  if (service === undefined) throw new Error(`${cloudforetApi.source} has no ${name}.`);
  return Object.fromEntries(
    service.methods.map((method) => [
      method.name,
      {
        path: `/${name}/${method.name}`,
        requestStream: false,
        responseStream: method.methodKind === 'server_streaming',
        requestSerialize: writing(method.input),
        requestDeserialize: reading(method.input),
        responseSerialize: writing(method.output),
        responseDeserialize: reading(method.output),
      },
    ]),
  );
}

const writing = (type: DescMessage) => (message: JsonObject) => Buffer.from(toBinary(type, fromJson(type, message)));
const reading = (type: DescMessage) => (bytes: Buffer) => toJson(type, fromBinary(type, bytes)) as JsonObject;

/** Serves one service of Cloudforet on a port that stays the same from start to start. */
export class CloudforetServer {
  private server: Server | undefined;
  private port = 0;

  constructor(
    private readonly service: string,
    private readonly methods: UntypedServiceImplementation,
  ) {}

  /** `grpc://host:port` */
  get address(): string {
    return `grpc://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = new Server();
    server.addService(cloudforetService(this.service), this.methods);
    if (this.port === 0) this.port = await freePort();
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    this.server = server;
  }

  stop(): void {
    this.server?.forceShutdown();
  }
}
