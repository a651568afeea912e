import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK, type JWTPayload, SignJWT } from 'jose';

export interface TokenParts {
  readonly claims?: JWTPayload;
  readonly header?: Record<string, unknown>;
  /** Signs instead of the issuer's own key. */
  readonly key?: KeyObject | Uint8Array;
}

/** Signs tokens as Cloudforet's identity service does. */
export class TokenIssuer {
  private constructor(
    readonly kid: string,
    readonly privateKey: KeyObject,
    /** Whoever knows it can verify tokens. */
    readonly publicKey: JWK,
  ) {}

  static async create(kid = 'key-1'): Promise<TokenIssuer> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return new TokenIssuer(kid, privateKey, { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' });
  }

  /** The JWK set, as text. */
  get jwks(): string {
    return JSON.stringify({ keys: [this.publicKey] });
  }

  /** A token for an administrator of `domain-a` that is good for an hour, except for what is given. */
  token({ claims, header, key = this.privateKey }: TokenParts = {}, now = Date.now()): Promise<string> {
    const seconds = Math.floor(now / 1000);
    const usual = { typ: 'ACCESS_TOKEN', own: 'USER', did: 'domain-a', rol: 'DOMAIN_ADMIN', aud: 'user-1', ver: '2.0' };
    const payload = { iss: 'spaceone.identity', ...usual, iat: seconds, exp: seconds + 3600, ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: this.kid, ...header }).sign(key);
  }

  /** The public key as Cloudforet's identity service tells it: of no algorithm, and without an id. */
  get identityKey(): string {
    const { kty, n, e } = this.publicKey;
    return JSON.stringify({ e, kty, n });
  }

  /** A user's token as Cloudforet's identity service signs it: it names no key. */
  realUserToken(claims: JWTPayload = {}, now = Date.now()): Promise<string> {
    const seconds = Math.floor(now / 1000);
    return this.real(
      { typ: 'ACCESS_TOKEN', own: 'USER', rol: 'DOMAIN_ADMIN', exp: seconds + 1200, ...claims },
      seconds,
    );
  }

  /** A system's token as Cloudforet's identity service signs it: it names no key and no role, and has no end. */
  realSystemToken(claims: JWTPayload = {}, now = Date.now()): Promise<string> {
    return this.real({ typ: 'SYSTEM_TOKEN', own: 'SYSTEM', did: 'domain-root', ...claims }, Math.floor(now / 1000));
  }

  private real(claims: JWTPayload, iat: number): Promise<string> {
    const usual = {
      iss: 'spaceone.identity',
      did: 'domain-a',
      aud: 'user-1',
      jti: '0123456789abcdef',
      iat,
      ver: '2.0',
    };
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'RS256' }).sign(this.privateKey);
  }

  /** A token that acts for every domain. */
  systemToken(): Promise<string> {
    return this.token({ claims: { typ: 'SYSTEM_TOKEN', own: 'SYSTEM', rol: 'SYSTEM_TOKEN', did: 'domain-root' } });
  }
}

/** A token of these parts with this signature: what no library signs. */
export function forgedToken(header: object, payload: object, signature: Buffer | string = ''): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${Buffer.from(signature).toString('base64url')}`;
}

/** The claims of a token, as they can be read by anybody. */
export function claimsOf(token: string): JWTPayload {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload;
}
