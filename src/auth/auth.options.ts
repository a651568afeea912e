/** Injection token of {@link AuthOptions}. */
export const AUTH_OPTIONS = Symbol('AUTH_OPTIONS');

/** Who may call, and what callers are given for the plugins they are sent to. */
export interface AuthOptions {
  /** `none` believes every caller: for loopback, or behind something that knows who calls. */
  readonly mode: 'none' | 'jwt';
  /** Keys that tokens are signed with: path or http(s) URL of a JWK set. */
  readonly jwks?: string | undefined;
  /** Cloudforet's identity service, which has a key for each domain: `grpc://host:port` or `grpc+ssl://host:port`. */
  readonly identity?: string | undefined;
  /** Path of the token that the identity service is shown; it tells nobody else its keys. */
  readonly identityToken?: string | undefined;
  /** The domain of the identity service whose key alone signs SYSTEM_TOKENs. */
  readonly systemDomain?: string | undefined;
  /** Path of the Ed25519 private key that tokens for plugins are signed with, PEM or JWK. */
  readonly tokenKey?: string | undefined;
}

export const authDefaults: AuthOptions = { mode: 'none' };

/** What Cloudforet's identity service calls the domain of the system itself. */
export const SYSTEM_DOMAIN = 'domain-root';
