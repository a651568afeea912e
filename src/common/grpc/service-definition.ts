import { BinaryWriter } from '@bufbuild/protobuf/wire';
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

/** Writes a message of the generated code. */
export interface Encoder {
  encode(message: never, writer: BinaryWriter): BinaryWriter;
}

/** An answer that was larger than this takes its writer with it. */
const KEPT_BYTES = 64 * 1024;

/**
 * Writes the answers of one method with one writer: the generated code makes a writer and its buffer for each,
 * which costs more than the writing.
 */
function serializer(encoder: Encoder): (message: unknown) => Buffer {
  let kept: BinaryWriter | undefined;
  return (message) => {
    const writer = kept ?? new BinaryWriter();
    // What cannot be written leaves half of itself behind.
    kept = undefined;
    const bytes = encoder.encode(message as never, writer).finish();
    if (bytes.length <= KEPT_BYTES) kept = writer;
    // Copied: to see small bytes as a Buffer takes V8 longer, as it first has to give them memory of their own.
    return Buffer.from(bytes);
  };
}

/**
 * The same service, whose requests never fail to decode (see {@link UnreadableRequest}), and whose methods are called
 * what the proto calls them: the generated code has them in camel case.
 *
 * @param frequent by the names of methods that are called all the time, what writes their answers
 */
export function guardedService(
  service: ServiceDefinition,
  frequent: Readonly<Record<string, Encoder>> = {},
): ServiceDefinition {
  return Object.fromEntries(
    Object.values(service).map((definition) => {
      const method = definition as Method;
      const name = method.path.slice(method.path.lastIndexOf('/') + 1);
      const encoder = frequent[name];
      return [name, { ...guarded(method), ...(encoder && { responseSerialize: serializer(encoder) }) }];
    }),
  );
}
