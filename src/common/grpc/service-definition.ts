import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { invalidArgument } from '../errors/errors.js';
import { UnreadableRequest } from './unreadable-request.js';

/** Largest request that is read, on both transports, in bytes. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

type Method = MethodDefinition<unknown, unknown>;

/**
 * Proto3 does not tell a default from an absent value, and peers differ in whether they send it. Absent is what both
 * mean: over gRPC `is_public = false` in a query is no filter.
 */
function withoutDefaults(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const fields = message as Record<string, unknown>;
  for (const key in fields) {
    const value = fields[key];
    if (value === '' || value === 0 || value === false) fields[key] = undefined;
  }
  return message;
}

function guarded(method: Method): Method {
  return {
    ...method,
    requestDeserialize(bytes: Buffer): unknown {
      if (bytes.length > MAX_REQUEST_BYTES) {
        return new UnreadableRequest(
          invalidArgument(`message is too large: ${bytes.length} bytes, at most ${MAX_REQUEST_BYTES}`),
        );
      }
      try {
        const message = method.requestDeserialize(bytes);
        return method.requestStream ? message : withoutDefaults(message);
      } catch (error) {
        return new UnreadableRequest(invalidArgument(`message cannot be decoded: ${(error as Error).message}`));
      }
    },
  };
}

/**
 * The same service, whose requests never fail to decode (see {@link UnreadableRequest}), and whose methods are called
 * what the proto calls them: the generated code has them in camel case.
 */
export function guardedService(service: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.values(service).map((method) => [
      method.path.slice(method.path.lastIndexOf('/') + 1),
      guarded(method as Method),
    ]),
  );
}
