import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type Method, methods } from '../../src/cli/methods.js';

export type Transport = 'grpc' | 'rest';
export const transports: readonly Transport[] = ['grpc', 'rest'];

/** What a call was answered with: a body, or an error as both transports tell it. */
export interface Answer {
  readonly body?: Record<string, unknown>;
  readonly code?: string;
  readonly message?: string;
  /** The gRPC status by name, or the HTTP status. */
  readonly status: string | number;
}

/** Calls a server over either transport, with answers that can be compared. */
export class Caller {
  private readonly client: Client;

  constructor(
    grpc: string,
    private readonly http: string,
  ) {
    this.client = new Client(grpc, credentials.createInsecure());
  }

  /** `get_plugin_endpoint` of `Plugin`, over the transport. */
  async send(
    transport: Transport,
    name: string,
    request: unknown,
    headers: Record<string, string> = {},
    deadline?: number,
  ): Promise<Answer> {
    return transport === 'grpc'
      ? this.overGrpc(name, request, headers, deadline)
      : this.overRest(name, request, headers);
  }

  /** The body of a call that has to succeed. */
  async ok(
    transport: Transport,
    name: string,
    request: unknown,
    headers?: Record<string, string>,
  ): Promise<Record<string, unknown>> {
    const answer = await this.send(transport, name, request, headers);
    if (answer.body === undefined)
      throw new Error(`${name} over ${transport}: ${answer.status} ${answer.code}: ${answer.message}`);
    return answer.body;
  }

  /** Sends bytes that no client library would send. */
  raw(name: string, bytes: Buffer): Promise<Answer> {
    return this.overGrpc(name, bytes, {}, undefined, (value) => value as Buffer);
  }

  close(): void {
    this.client.close();
  }

  private overGrpc(
    name: string,
    request: unknown,
    headers: Record<string, string>,
    deadline?: number,
    serialize?: (message: unknown) => Buffer,
  ): Promise<Answer> {
    const method = methodOf(name);
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
    return new Promise((resolve) => {
      this.client.makeUnaryRequest(
        method.path,
        serialize ?? ((message) => method.requestSerialize(message)),
        (bytes) => method.responseDeserialize(bytes),
        request,
        metadata,
        deadline === undefined ? {} : { deadline },
        (error: ServiceError | null, body?: unknown) => {
          if (error === null)
            return resolve({ body: JSON.parse(JSON.stringify(body)) as Record<string, unknown>, status: 'OK' });
          const at = error.details.indexOf(': ');
          resolve({
            code: error.details.slice(0, at),
            message: error.details.slice(at + 2),
            status: status[error.code],
          });
        },
      );
    });
  }

  private async overRest(name: string, request: unknown, headers: Record<string, string>): Promise<Answer> {
    const response = await fetch(`${this.http}${routeOf(methodOf(name))}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof request === 'string' ? request : JSON.stringify(request),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.ok) return { body, status: response.status };
    const { code, message } = body['detail'] as { code: string; message: string };
    return { code, message, status: response.status };
  }
}

function methodOf(name: string): Method {
  const method = methods.get(name);
  if (method === undefined) throw new Error(`There is no method ${name}.`);
  return method;
}

/** `/spaceone.api.plugin.v1.Supervisor/list_plugins` is served at `/plugin/v1/supervisor/list-plugins`, `berth.api.v1` at `/berth/v1`. */
function routeOf({ path }: Method): string {
  const [, room, version, service, method = ''] =
    /^\/(?:spaceone\.api\.(?=\w+\.v)|(?=berth))(\w+)(?:\.api)?\.(\w+)\.(\w+)\/(\w+)$/.exec(path) ?? [];
  return `/${room}/${version}/${service?.toLowerCase()}/${method.replaceAll('_', '-')}`;
}
