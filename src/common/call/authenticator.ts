/** What a caller may do: use what is there, manage its own domain, or act for any domain that it names. */
export type AccessLevel = 'member' | 'admin' | 'system';

/** Who makes a call: what its token says, once it is believed. */
export interface Identity {
  /** The domain that the token belongs to. */
  readonly domainId: string;
  readonly level: AccessLevel;
  /** From when on the token is not believed any more, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Tells who makes a call. Controllers know this much of authentication; how it is done is not their matter. */
export abstract class Authenticator {
  /** Whether callers have to say who they are. */
  abstract readonly required: boolean;

  /**
   * Who the token makes of its bearer: at once where the token is known already.
   *
   * @throws BerthError ERROR_AUTHENTICATE_FAILURE, or ERROR_UNAVAILAVBLE while keys cannot be had
   */
  abstract identify(token: string | undefined): Identity | Promise<Identity>;
}
