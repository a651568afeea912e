import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Descriptor, GrpcReflection } from 'grpc-js-reflection-client';

type Root = ReturnType<Descriptor['getProtobufJsRoot']>;
type Type = ReturnType<Root['lookupType']>;
type Message = Record<string, unknown>;

/** How a call ended: the status by name, and the answer or what the error says. */
export interface ReflectedAnswer {
  readonly status: string;
  readonly body: Message;
  readonly details: string;
}

/** A service of which nothing is known but what reflection tells. */
export class ReflectedService {
  private constructor(
    private readonly root: Root,
    private readonly name: string,
    private readonly client: Client,
  ) {}

  static async of(name: string, reflection: GrpcReflection, client: Client): Promise<ReflectedService> {
    const descriptor = await reflection.getDescriptorBySymbol(name);
    const root = descriptor.getProtobufJsRoot();
    root.resolveAll();
    return new ReflectedService(root, name, client);
  }

  /** Names of its unary methods. */
  get unary(): string[] {
    return this.methods.filter(({ requestStream, responseStream }) => !requestStream && !responseStream).map(nameOf);
  }

  /** Names of its methods that are streams at either end. */
  get streams(): string[] {
    return this.methods.filter(({ requestStream, responseStream }) => requestStream || responseStream).map(nameOf);
  }

  /** Calls a unary method with a message whose fields, found in the descriptor, get these values by their JSON names. */
  call(method: string, known: Message, headers: Record<string, string> = {}): Promise<ReflectedAnswer> {
    const { path, request, response } = this.method(method);
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
    return new Promise((resolve) => {
      this.client.makeUnaryRequest(
        path,
        (message: Message) => Buffer.from(request.encode(request.fromObject(message)).finish()),
        (bytes: Buffer) => plain(response, bytes),
        filled(request, known),
        metadata,
        (error: ServiceError | null, body?: Message) =>
          resolve({ status: status[error?.code ?? status.OK], body: body ?? {}, details: error?.details ?? '' }),
      );
    });
  }

  /** Opens a stream, sends one message, and resolves with the first that comes. */
  first(method: string, known: Message): Promise<Message> {
    const { path, request, response } = this.method(method);
    const stream = this.client.makeBidiStreamRequest(
      path,
      (message: Message) => Buffer.from(request.encode(request.fromObject(message)).finish()),
      (bytes: Buffer) => plain(response, bytes),
    );
    return new Promise((resolve, reject) => {
      stream.once('data', (message: Message) => {
        resolve(message);
        stream.end();
      });
      stream.on('error', reject);
      stream.write(filled(request, known));
    });
  }

  private get methods() {
    return this.root.lookupService(this.name).methodsArray;
  }

  private method(name: string) {
    const method = this.methods.find((each) => each.name === name);
    method?.resolve();
    if (!method?.resolvedRequestType || !method.resolvedResponseType) throw new Error(`There is no ${name}.`);
    return {
      path: `/${this.name}/${name}`,
      request: method.resolvedRequestType,
      response: method.resolvedResponseType,
    };
  }
}

const nameOf = ({ name }: { name: string }) => name;

const plain = (type: Type, bytes: Uint8Array): Message =>
  type.toObject(type.decode(bytes), { enums: String, longs: Number, arrays: true });

/** A message with each field that has a value by its JSON name, at any depth; of alternatives the first. */
function filled(type: Type, known: Message): Message {
  const message: Message = {};
  const taken = new Set<unknown>();
  for (const field of type.fieldsArray) {
    const { resolvedType } = field.resolve();
    const nested = resolvedType && 'fieldsArray' in resolvedType && !field.repeated && !field.map;
    const value = known[field.name] ?? (nested ? filled(resolvedType, known) : undefined);
    if (value === undefined || taken.has(field.partOf)) continue;
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) continue;
    if (field.partOf !== null) taken.add(field.partOf);
    message[field.name] = value;
  }
  return message;
}
