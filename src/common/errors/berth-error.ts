import type { status } from '@grpc/grpc-js';
import { type ErrorCode, statusOfCode } from './error-status.js';

/**
 * An error that a caller is told about: a code that clients know, and a message that names the key and the value at
 * fault. Services throw it; the error filter alone turns it into a gRPC status or an HTTP response.
 */
export class BerthError extends Error {
  override readonly name = 'BerthError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The gRPC status to answer with. */
  get status(): status {
    return statusOfCode[this.code];
  }
}
