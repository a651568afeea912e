import { DriverError } from '../driver-error.js';

/** What an API server answers instead of what was asked for; status 0 where it did not answer at all. */
export class KubeError extends Error {
  override readonly name = 'KubeError';

  /**
   * @param reason the API's own word for it: `Conflict`, `Expired`, `TooManyRequests`
   * @param retryAfterMs how long the server wants to be left alone
   */
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** A resource version too old to go on from: everything has to be listed anew. */
  get expired(): boolean {
    return this.status === 410 || this.reason === 'Expired' || this.reason === 'Gone';
  }

  /** Whether the same request may succeed soon. */
  get passing(): boolean {
    return this.status === 0 || this.status === 409 || this.status === 429 || this.status >= 500;
  }
}

/** What the agent is told. A full quota may have room again; a missing right or a refused object stays as it is. */
export function driverErrorOf(doing: string, error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  if (!(error instanceof KubeError)) {
    return new DriverError(`${doing}: ${error instanceof Error ? error.message : String(error)}`, true, {
      cause: error,
    });
  }
  const { status, reason, message } = error;
  const recoverable = error.passing || /exceeded quota/.test(message);
  const told = status === 0 ? message : `the API server answers ${status} ${reason}: ${message}`;
  return new DriverError(`${doing}: ${told}`, recoverable, { cause: error });
}
