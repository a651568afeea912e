import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { LRUCache } from 'lru-cache';
import { authenticateFailure } from '../common/errors/errors.js';
import { grpcTarget } from '../common/grpc/grpc-address.js';
import { SingleFlight } from '../common/single-flight.js';
import type { AuthenticationResponse } from '../generated/spaceone/api/core/v2/handler.js';
import { DomainClient } from '../generated/spaceone/api/identity/v2/domain.js';
import { KeyRing, NoKeys, type RingTimings } from './key-ring.js';
import type { KeySource } from './key-source.js';
import { RateLimit } from './rate-limit.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const timings: RingTimings = { fresh: 5 * MINUTE, stale: 60 * MINUTE, pause: 10 * SECOND };
const CALL_TIMEOUT = 5 * SECOND;

/** Domains that are remembered; the least recently used is forgotten first. */
const MAX_DOMAINS = 10_000;
/** For this long a domain that the service does not know is not asked for again. */
const UNKNOWN_TIME = MINUTE;
/** What the service is asked at most: so many keys at once, so many a second after that. */
const ASKED = { burst: 100, perSecond: 50 };

/** Answers that mean that there is no such domain, or no key of it. */
const unknownStatus = new Set([status.NOT_FOUND, status.INVALID_ARGUMENT]);

/** Where an identity service is, and what it is shown. */
export interface IdentitySource {
  /** `grpc://host:port`, or `grpc+ssl://host:port` over TLS */
  readonly address: string;
  /** File with the token that is sent; none is sent where there is no file. */
  readonly tokenFile?: string | undefined;
  /** The domain of the system itself: its key alone signs SYSTEM_TOKENs. */
  readonly systemDomain: string;
}

/** A key for each domain, from Cloudforet's identity service. */
export class IdentityKeys implements KeySource {
  private readonly client: DomainClient;
  private readonly rings = new LRUCache<string, KeyRing>({ max: MAX_DOMAINS });
  private readonly unknown = new LRUCache<string, true>({ max: MAX_DOMAINS, ttl: UNKNOWN_TIME });
  private readonly asking = new SingleFlight<KeyRing>();
  private readonly limit = new RateLimit(ASKED.burst, ASKED.perSecond);

  constructor(private readonly source: IdentitySource) {
    const { host, credentials } = grpcTarget(source.address);
    this.client = new DomainClient(host, credentials, {});
  }

  /** @throws Error where the token file cannot be read */
  static at(source: IdentitySource): IdentityKeys {
    if (source.tokenFile !== undefined) {
      try {
        readFileSync(source.tokenFile);
      } catch (error) {
        throw new Error(`The token for the identity service cannot be read: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
    return new IdentityKeys(source);
  }

  get systemDomain(): string {
    return this.source.systemDomain;
  }

  ringOf(domainId: string): KeyRing | Promise<KeyRing> {
    const known = this.rings.get(domainId);
    if (known !== undefined) return known;
    return this.asking.run(domainId, () => this.first(domainId));
  }

  close(): void {
    this.client.close();
  }

  private async first(domainId: string): Promise<KeyRing> {
    if (this.unknown.has(domainId)) throw unknownDomain();
    const ring = new KeyRing(`domain ${domainId}`, () => this.publicKey(domainId), timings);
    try {
      await ring.load();
    } catch (error) {
      if (!((error as Error).cause instanceof NoKeys)) throw error;
      this.unknown.set(domainId, true);
      throw unknownDomain();
    }
    this.rings.set(domainId, ring);
    return ring;
  }

  /** Anybody can make up domains and tokens: what the service is asked for their sake is limited. */
  private async publicKey(domainId: string): Promise<string> {
    if (!this.limit.take()) throw new Error('too many keys are asked for at the moment');
    const metadata = new Metadata();
    // Read anew each time: tokens are replaced before they expire.
    if (this.source.tokenFile !== undefined) {
      metadata.set('token', (await readFile(this.source.tokenFile, 'utf8')).trim());
    }
    return new Promise((resolve, reject) => {
      this.client.getPublicKey(
        { domain_id: domainId },
        metadata,
        { deadline: Date.now() + CALL_TIMEOUT },
        (error: ServiceError | null, answer?: AuthenticationResponse) => {
          if (error === null) resolve(answer?.public_key ?? '');
          else reject(unknownStatus.has(error.code) ? new NoKeys(error.details) : error);
        },
      );
    });
  }
}

const unknownDomain = () => authenticateFailure('the domain of the token is unknown (did)');
