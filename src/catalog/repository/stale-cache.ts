import { LRUCache } from 'lru-cache';
import { SingleFlight } from '../../common/single-flight.js';

/** All in milliseconds, but `max`. */
export interface StaleCacheOptions<T> {
  /** How long a value is answered without asking anew. */
  freshFor(value: T): number;
  /** For this long after a fetch that failed, or took long, an old value is answered without waiting for another. */
  readonly pause: number;
  /** How long a caller waits for a newer value where there is an old one. */
  readonly patience: number;
  /** Values that are kept; the least recently used goes first. */
  readonly max: number;
}

interface Entry<T> {
  readonly value: T;
  readonly fetchedAt: number;
  triedAt: number;
}

/** Values of a source that may be away: fetched once for all who ask, answered old rather than not at all. */
export class StaleCache<T> {
  private readonly entries: LRUCache<string, Entry<T>>;
  private readonly fetching = new SingleFlight<T>();

  constructor(
    private readonly options: StaleCacheOptions<T>,
    private readonly fetch: (key: string) => Promise<T>,
    private readonly now: () => number,
  ) {
    this.entries = new LRUCache({ max: options.max });
  }

  /** @throws what the fetch throws, where there is no old value */
  async get(key: string): Promise<T> {
    const known = this.entries.get(key);
    if (known === undefined) return this.fetching.run(key, () => this.replace(key));
    const now = this.now();
    if (now - known.fetchedAt < this.options.freshFor(known.value) || now - known.triedAt < this.options.pause) {
      return known.value;
    }
    const newer = this.fetching.run(key, () => this.replace(key));
    return this.within(newer, known);
  }

  private async replace(key: string): Promise<T> {
    try {
      const value = await this.fetch(key);
      this.entries.set(key, { value, fetchedAt: this.now(), triedAt: -Infinity });
      return value;
    } catch (error) {
      const known = this.entries.get(key);
      if (known !== undefined) known.triedAt = this.now();
      throw error;
    }
  }

  private within(newer: Promise<T>, known: Entry<T>): Promise<T> {
    return new Promise((resolve) => {
      const old = () => {
        known.triedAt = this.now();
        resolve(known.value);
      };
      const timer = setTimeout(old, this.options.patience);
      newer.then(resolve, old).finally(() => clearTimeout(timer));
    });
  }
}
