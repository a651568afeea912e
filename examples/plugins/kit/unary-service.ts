import type { handleUnaryCall, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { invalid, toStatus } from './plugin-error.js';

/** A unary method as ts-proto generates it. */
interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  requestSerialize(value: Request): Buffer;
  requestDeserialize(bytes: Buffer): Request;
  responseSerialize(value: Response): Buffer;
  responseDeserialize(bytes: Buffer): Response;
}

/** One function for each method of a service: a request goes in, the response comes out or a `PluginError` is thrown. */
export type Methods<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends UnaryMethod<infer Request, infer Response>
    ? (request: Request) => Response | Promise<Response>
    : never;
};

/** What grpc-js serves a service from. */
export interface ServedService {
  /** `spaceone.api.monitoring.plugin.Event` */
  readonly name: string;
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

/** A request whose bytes are no message: grpc-js would answer INTERNAL for what is the caller's fault. */
class Unreadable {
  constructor(readonly reason: string) {}
}

/** Turns plain functions into a service whose every failure becomes a status with `ERROR_CODE: message`. */
export function unaryService<Service extends object>(service: Service, methods: Methods<Service>): ServedService {
  const definition: Record<string, UnaryMethod<unknown, unknown>> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(service) as [string, UnaryMethod<unknown, unknown>][]) {
    definition[name] = { ...method, requestDeserialize: guarded((bytes) => method.requestDeserialize(bytes)) };
    handlers[name] = handler(methods[name as keyof Service] as (request: unknown) => unknown);
  }
  return { name: nameOf(definition), definition, handlers };
}

const guarded = (deserialize: (bytes: Buffer) => unknown) => (bytes: Buffer) => {
  try {
    return deserialize(bytes);
  } catch (error) {
    return new Unreadable(error instanceof Error ? error.message : String(error));
  }
};

function handler(method: (request: unknown) => unknown): handleUnaryCall<unknown, unknown> {
  return ({ request }, answer) => {
    const respond = async () => {
      if (request instanceof Unreadable) throw invalid('message', request.reason);
      return method(request);
    };
    respond().then(
      (response) => answer(null, response),
      (error: unknown) => answer(toStatus(error)),
    );
  };
}

function nameOf(definition: ServiceDefinition): string {
  const [method] = Object.values(definition);
  const name = method?.path.split('/')[1];
  if (name === undefined) throw new Error('The service has no method.');
  return name;
}
