/**
 * - `passing` it may pass, by itself or with the next start
 * - `lasting` it stays until somebody changes the plugin, its entry in the catalog, or what the agent may do
 * - `image-not-found` lasting: the registry has no such image
 */
export type Fault = 'passing' | 'lasting' | 'image-not-found';

export interface DriverErrorOptions extends ErrorOptions {
  /** Where it is more than whether it may pass. */
  readonly fault?: Fault;
}

/** Why a driver could not do what it was asked to. */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly fault: Fault;

  /**
   * @param message for people: names what is at fault
   * @param recoverable whether the same call may succeed when it is repeated soon
   */
  constructor(
    message: string,
    readonly recoverable: boolean,
    { fault, ...options }: DriverErrorOptions = {},
  ) {
    super(message, options);
    this.fault = fault ?? (recoverable ? 'passing' : 'lasting');
  }
}
