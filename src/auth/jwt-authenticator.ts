import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { Authenticator, type Identity } from '../common/call/authenticator.js';
import { BerthError } from '../common/errors/berth-error.js';
import { authenticateFailure } from '../common/errors/errors.js';
import { SingleFlight } from '../common/single-flight.js';
import { CLOCK_SKEW, claimedDomain, readIdentity } from './claims.js';
import type { KeyRing } from './key-ring.js';
import { ALGORITHMS } from './key-set.js';
import type { KeySource } from './key-source.js';

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN = 8 * 1024;

/** What signed tokens are written with: https://www.rfc-editor.org/rfc/rfc7515#section-7.1 */
const COMPACT = /^[\w.-]+$/;

/**
 * Verified tokens are found by this many of their last characters, which are of the signature: to find them by all takes
 * ten times as long.
 */
const KEY_LENGTH = 32;

/** Verified tokens that are remembered: so many, of so many characters together. */
const CACHE = { max: 10_000, maxSize: 16 * 1024 * 1024, sizeCalculation: ({ token }: Verified) => token.length };

interface Verified {
  readonly token: string;
  readonly identity: Identity;
  readonly ring: KeyRing;
  /** Of the ring, when the token was verified: with other keys it has to be verified anew. */
  readonly version: number;
}

/** Believes JSON Web Tokens that are signed with the keys of a source. */
export class JwtAuthenticator extends Authenticator implements OnApplicationShutdown {
  override readonly required = true;
  private readonly logger = new Logger(JwtAuthenticator.name);
  private readonly verified = new LRUCache<string, Verified>(CACHE);
  private readonly verifying = new SingleFlight<Identity>();

  constructor(
    private readonly keys: KeySource,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override identify(token: string | undefined): Identity | Promise<Identity> {
    if (token === undefined || token === '') throw authenticateFailure('there is none');
    if (token.length > MAX_TOKEN) throw authenticateFailure(`the token is longer than ${MAX_TOKEN} characters`);
    const key = token.slice(-KEY_LENGTH);
    const known = this.verified.get(key);
    if (known?.token !== token || !known.ring.stands(known.version)) {
      return this.verifying.run(token, () => this.verify(token));
    }
    if (known.identity.expiresAt > this.now()) return known.identity;
    this.verified.delete(key);
    throw authenticateFailure('the token has expired (exp)');
  }

  onApplicationShutdown(): void {
    this.keys.close();
  }

  private async verify(token: string): Promise<Identity> {
    try {
      // Decoders pass over what is not theirs: two tokens, or one with something behind it, would be one.
      if (!COMPACT.test(token)) throw authenticateFailure('the token has characters that none has');
      const { alg, kid } = decodeProtectedHeader(token);
      if (alg === undefined || !ALGORITHMS.includes(alg)) {
        throw authenticateFailure('the token is signed with an algorithm that is not accepted (alg)');
      }
      const ring = await this.keys.ringOf(claimedDomain(decodeJwt(token), this.keys.systemDomain));
      const verified = await this.verifyWith(ring, token, kid === undefined);
      this.verified.set(token.slice(-KEY_LENGTH), verified);
      return verified.identity;
    } catch (error) {
      throw this.told(error);
    }
  }

  /** @param again where the token does not say which key it is of, the key may have become another */
  private async verifyWith(ring: KeyRing, token: string, again: boolean): Promise<Verified> {
    let version = 0;
    try {
      const { payload } = await jwtVerify(
        token,
        async (header, parts) => {
          const found = await ring.find(header, parts);
          version = found.version;
          return found.key;
        },
        {
          algorithms: ALGORITHMS,
          clockTolerance: CLOCK_SKEW,
          currentDate: new Date(this.now()),
        },
      );
      return { token, identity: readIdentity(payload, this.now(), this.keys.systemDomain), ring, version };
    } catch (error) {
      const forged = error instanceof errors.JWSSignatureVerificationFailed;
      if (forged && again && (await ring.newerThan(version))) return this.verifyWith(ring, token, false);
      throw error;
    }
  }

  /** What the caller is told: never more than which rule the token breaks. */
  private told(error: unknown): BerthError {
    if (error instanceof BerthError) return error;
    if (error instanceof errors.JWTExpired) return authenticateFailure('the token has expired (exp)');
    if (error instanceof errors.JWTClaimValidationFailed) {
      return authenticateFailure(`a claim of the token is missing or not valid (${error.claim})`);
    }
    if (error instanceof errors.JWKSNoMatchingKey) return authenticateFailure('the key of the token is unknown (kid)');
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      return authenticateFailure('the token does not say which key it is signed with (kid)');
    }
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      return authenticateFailure('the signature of the token does not hold');
    }
    this.logger.debug({ msg: 'A token cannot be read.', reason: String(error) });
    return authenticateFailure('the token cannot be read');
  }
}
