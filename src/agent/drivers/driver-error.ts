/** Why a driver could not do what it was asked to. */
export class DriverError extends Error {
  override readonly name = 'DriverError';

  /**
   * @param message for people: names what is at fault
   * @param recoverable whether the same call may succeed when it is repeated soon
   */
  constructor(
    message: string,
    readonly recoverable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
