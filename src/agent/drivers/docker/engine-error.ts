import { DriverError } from '../driver-error.js';

/** What the Docker engine answers instead of what was asked for; status 0 where it did not answer at all. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** It is stopped, or being stopped or started: the same request is answered when it is back. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 503;
  }
}

/** What is at fault, by what engines say of it; the first that fits. `$1` is what the pattern has found. */
const CAUSES: readonly (readonly [pattern: RegExp, cause: string, recoverable: boolean])[] = [
  [/no space left on device/i, "there is no room on the engine's disk", true],
  [/cannot allocate memory|not enough memory/i, 'there is no memory left', true],
  [/port is already allocated|address already in use/i, 'its port is taken', true],
  [/executable file not found|no such file or directory: unknown/i, 'the image has no such command', false],
  [/network (\S+) not found/i, 'there is no such network', false],
  [/exec format error/i, 'the image is for another kind of machine', false],
];

/** The engine's own words, and before them the cause where they are known. */
export function driverErrorOf(doing: string, error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const status = error instanceof EngineError ? error.status : 0;
  const [, cause, recoverable] = CAUSES.find(([pattern]) => pattern.test(message)) ?? [];
  const told = cause === undefined ? message : `${cause} (${message})`;
  // 400: it has not understood, and will not the next time either.
  return new DriverError(`${doing}: ${told}`, recoverable ?? status !== 400, { cause: error });
}

export const isPortClash = ({ message }: Error): boolean =>
  /port is already allocated|address already in use/i.test(message);
