/**
 * `not-found`: no such image, or none that these credentials may see; `denied`: the credentials are wrong or missing;
 * `throttled`: too many requests; `unavailable`: it does not answer as a registry should; `invalid`: what was asked for
 * cannot be the name of an image; `forbidden`: where it is, or where it sends us, must not be connected to.
 */
export type RegistryFailure = 'not-found' | 'denied' | 'throttled' | 'unavailable' | 'invalid' | 'forbidden';

/** Why an image registry gave no answer. The message names the registry and the image, and never a password. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';

  /** @param retryAfterMs how long the registry wants to be left alone */
  constructor(
    readonly failure: RegistryFailure,
    message: string,
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same question may have another answer soon. */
  get passing(): boolean {
    return this.failure === 'throttled' || this.failure === 'unavailable';
  }
}
