import { type ChannelCredentials, Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { withoutScheme } from '../common/grpc/grpc-address.js';
import { HealthService } from '../generated/grpc/health/v1/health.js';
import { type Method, methods } from './methods.js';

/** How long a call may take, in milliseconds: a plugin may have to be deployed first. */
const DEADLINE = 120_000;

/** The methods that can be called, as their protos name them. */
export function methodNames(): string[] {
  return [...methods.keys()];
}

export interface Peer {
  /** `host:port`, or `grpc://host:port` */
  readonly server: string;
  readonly credentials: ChannelCredentials;
}

/**
 * Calls a method of one of Berth's services.
 *
 * @throws ServiceError of the call; Error for an unknown method
 */
export function callUnary(peer: Peer, name: string, request: unknown, metadata = new Metadata()): Promise<unknown> {
  const method = methods.get(name);
  if (method === undefined) throw new Error(`There is no method ${name}; there are ${methodNames().join(', ')}.`);
  return call(peer, method, request, metadata);
}

/** What grpc.health.v1 answers. @param endpoint as of {@link Peer} */
export function healthCheck(endpoint: string, credentials: ChannelCredentials): Promise<unknown> {
  return call({ server: endpoint, credentials }, HealthService.check as Method, { service: '' }, new Metadata());
}

function call({ server, credentials }: Peer, method: Method, request: unknown, metadata: Metadata): Promise<unknown> {
  const client = new Client(withoutScheme(server), credentials);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      (message: unknown) => method.requestSerialize(message),
      (bytes: Buffer) => method.responseDeserialize(bytes),
      request,
      metadata,
      { deadline: Date.now() + DEADLINE },
      (error: ServiceError | null, answer?: unknown) => {
        client.close();
        if (error === null) resolve(answer);
        else reject(error);
      },
    );
  });
}
