import type { KeyRing } from './key-ring.js';

/** Where the keys are that tokens are signed with. */
export interface KeySource {
  /**
   * The keys of a domain's tokens.
   *
   * @throws BerthError ERROR_AUTHENTICATE_FAILURE for a domain that nobody knows, ERROR_UNAVAILAVBLE
   */
  ringOf(domainId: string): KeyRing | Promise<KeyRing>;
  close(): void;
}
