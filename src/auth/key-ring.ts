import { Logger } from '@nestjs/common';
import { createLocalJWKSet, type CryptoKey, errors, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose';
import type { BerthError } from '../common/errors/berth-error.js';
import { unavailable } from '../common/errors/errors.js';
import { readKeySet } from './key-set.js';

/** How long keys are believed without asking anew; all in milliseconds. */
export interface RingTimings {
  /** Older keys are fetched again, while calls go on with them. */
  readonly fresh: number;
  /** Keys that could not be fetched again for this long beyond that are not believed any more. */
  readonly stale: number;
  /** At most one fetch in this time, whatever callers send and whether it succeeds or not. */
  readonly pause: number;
}

export interface FoundKey {
  readonly key: CryptoKey;
  /** The version of the ring that it was found in. */
  readonly version: number;
}

/** Thrown by a fetch when the source says that there are no keys any more: those known are not believed either. */
export class NoKeys extends Error {}

/** The keys of one source, fetched when they are needed and never more often than its timings allow. */
export class KeyRing {
  private readonly logger = new Logger(KeyRing.name);
  private version = 0;
  private text = '';
  private keys: ReturnType<typeof createLocalJWKSet> | undefined;
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private fetching: Promise<void> | undefined;
  private failure: unknown;

  /**
   * @param name what the log calls the source
   * @param fetch gets the keys as text: a JWK set, or one JWK
   */
  constructor(
    private readonly name: string,
    private readonly fetch: () => Promise<string>,
    private readonly timings: RingTimings,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether what was verified with that version still stands. Keys that are old are fetched in the background. */
  stands(version: number): boolean {
    if (this.age <= this.timings.fresh) return version === this.version;
    if (this.mayFetch) void this.load().catch(() => undefined);
    return version === this.version && this.believable;
  }

  /**
   * The key that a token names.
   *
   * @throws BerthError ERROR_UNAVAILAVBLE while there are no keys to look among
   * @throws JWKSNoMatchingKey, JWKSMultipleMatchingKeys
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<FoundKey> {
    if (!this.believable) await this.load();
    else if (this.age > this.timings.fresh && this.mayFetch) void this.load().catch(() => undefined);
    try {
      return await this.lookUp(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (!(await this.newerThan(this.version))) throw error;
      return this.lookUp(header, token);
    }
  }

  /**
   * Whether the source has other keys by now than that version had. Whoever sends keys that nobody knows makes no more
   * than one fetch a pause.
   */
  async newerThan(version: number): Promise<boolean> {
    if (this.mayFetch || this.fetching !== undefined) await this.load();
    return this.version > version;
  }

  /** Fetches the keys now, unless that was tried a moment ago. @throws BerthError ERROR_UNAVAILAVBLE */
  async load(): Promise<void> {
    if (this.fetching === undefined && this.mayFetch) {
      this.triedAt = this.now();
      this.fetching = this.replace().finally(() => (this.fetching = undefined));
    }
    await this.fetching;
    if (!this.believable) throw this.unavailable();
  }

  private async lookUp(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<FoundKey> {
    const { keys, version } = this;
    if (keys === undefined) throw this.unavailable();
    return { key: await keys(header, token), version };
  }

  private async replace(): Promise<void> {
    try {
      const text = await this.fetch();
      if (text !== this.text) {
        this.keys = createLocalJWKSet(readKeySet(text));
        this.text = text;
        this.version++;
      }
      this.fetchedAt = this.now();
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
      if (error instanceof NoKeys) this.forget();
      // Those who wait for the first keys are told themselves.
      else if (this.version > 0) {
        const source = this.name;
        this.logger.warn({ msg: 'Keys cannot be fetched; those known stay.', source, reason: String(error) });
      }
    }
  }

  private forget(): void {
    this.keys = undefined;
    this.text = '';
    this.fetchedAt = -Infinity;
    this.version++;
  }

  /** Where keys come from is for the log, not for callers. */
  private unavailable(): BerthError {
    return unavailable('the keys that tokens are verified with cannot be had', this.failure);
  }

  private get age(): number {
    return this.now() - this.fetchedAt;
  }

  private get believable(): boolean {
    return this.keys !== undefined && this.age <= this.timings.fresh + this.timings.stale;
  }

  private get mayFetch(): boolean {
    return this.now() - this.triedAt >= this.timings.pause;
  }
}
