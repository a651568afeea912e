import { status } from '@grpc/grpc-js';

/** A failure that the caller is told of: a gRPC status whose details read `ERROR_CODE: message`. */
export class PluginError extends Error {
  override readonly name = 'PluginError';

  constructor(
    readonly status: status,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const refused = (code: string, message: string) => new PluginError(status.INVALID_ARGUMENT, code, message);

export const missing = (key: string) => refused('ERROR_REQUIRED_PARAMETER', `Required parameter. (key = ${key})`);

export const wrongType = (key: string, type: string) =>
  refused('ERROR_INVALID_PARAMETER_TYPE', `Parameter type is invalid. (key = ${key}, type = ${type})`);

export const invalid = (key: string, reason: string) =>
  refused('ERROR_INVALID_PARAMETER', `Parameter is invalid. (key = ${key}, reason = ${reason})`);

/** The status that any error is answered with; what nobody foresaw keeps its detail to the log. */
export function toStatus(error: unknown): { code: status; details: string } {
  if (error instanceof PluginError) return { code: error.status, details: `${error.code}: ${error.message}` };
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return { code: status.INTERNAL, details: 'ERROR_UNKNOWN: The plugin failed.' };
}
