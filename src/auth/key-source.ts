import type { KeyRing } from './key-ring.js';

/** Where the keys are that tokens are signed with. */
export interface KeySource {
  /** The domain whose key alone signs SYSTEM_TOKENs; undefined where the keys are of no domain. */
  readonly systemDomain?: string | undefined;
  /**
   * The keys of a domain's tokens.
   *
   * @throws BerthError ERROR_AUTHENTICATE_FAILURE for a domain that nobody knows, ERROR_UNAVAILAVBLE
   */
  ringOf(domainId: string): KeyRing | Promise<KeyRing>;
  close(): void;
}
