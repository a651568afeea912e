import type { BerthError } from '../errors/berth-error.js';

/**
 * Stands in for a request that could not be decoded. A decoder that throws makes grpc-js answer INTERNAL; this lets
 * the call through to the validation pipe, which answers with the error inside.
 */
export class UnreadableRequest {
  constructor(readonly error: BerthError) {}
}
