import type { status } from '@grpc/grpc-js';
import { keepEnds, percentEncodedBytes } from '../text/clip.js';

/**
 * Longest details of a status, in bytes as gRPC encodes them. With all that is sent beside them an answer stays under
 * 4 KiB: clients give up on one whose headers they find too long (8 KiB in all, most of them), and tell nothing of it.
 */
export const DETAILS_BYTES = 3_456;

/** Longest message: the code has its place before it. */
const MESSAGE_BYTES = DETAILS_BYTES - 128;

/** An error that a caller is told about, on both transports alike. The error filter alone turns it into an answer. */
export abstract class CallerError extends Error {
  /** `ERROR_…`: what programs go by. */
  abstract readonly code: string;
  /** The gRPC status to answer with. */
  abstract readonly status: status;
  /** The HTTP status to answer with. */
  abstract readonly httpStatus: number;

  /** @param message names the key and the value at fault; what is too long of it is cut out of its middle */
  constructor(message: string, options?: ErrorOptions) {
    // Half a character that takes two is nothing that can be encoded.
    super(keepEnds(Buffer.from(message).toString(), MESSAGE_BYTES, percentEncodedBytes), options);
  }
}
