import type { status } from '@grpc/grpc-js';
import { CallerError } from './caller-error.js';
import { type ErrorCode, httpStatusOfCode, statusOfCode } from './error-status.js';

/**
 * An error of Berth's own that a caller is told about: a code that clients know, and a message that names the key and the
 * value at fault. Services throw it.
 */
export class BerthError extends CallerError {
  override readonly name = 'BerthError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get status(): status {
    return statusOfCode[this.code];
  }

  get httpStatus(): number {
    return httpStatusOfCode(this.code);
  }
}
