import { LRUCache } from 'lru-cache';
import { SingleFlight } from '../common/single-flight.js';
import { type ImageLocation } from './image-location.js';
import { RegistryError } from './registry-error.js';
import type { RegistryClient } from './registry-client.js';
import { semanticVersions } from './semantic-versions.js';

export interface ImageVersionsOptions {
  /** How long an answer is given without asking again, in milliseconds. */
  readonly freshMs?: number;
  /** How long an answer stands in where the registry gives none, in milliseconds. */
  readonly staleMs?: number;
  readonly now?: () => number;
  /** Told when an old answer had to do. */
  readonly onStale?: (image: string, error: RegistryError) => void;
}

interface Entry {
  readonly tags?: readonly string[];
  readonly readAt: number;
  /** The registry is not asked again before. */
  readonly quietUntil: number;
  readonly failure?: RegistryError;
}

const FRESH_MS = 60_000;
const STALE_MS = 86_400_000;
/** A failure is told again without asking for this long, or for as long as the registry wants to be left alone. */
const FAILURE_MS = 2_000;
const MAX_FAILURE_MS = 300_000;
const MAX_IMAGES = 10_000;

/** The versions of images: remembered, and asked for once however many want to know. */
export class ImageVersions {
  private readonly entries = new LRUCache<string, Entry>({ max: MAX_IMAGES });
  private readonly flights = new SingleFlight<Entry>();
  private readonly now: () => number;

  constructor(
    private readonly client: Pick<RegistryClient, 'tags'>,
    private readonly options: ImageVersionsOptions = {},
  ) {
    this.now = options.now ?? Date.now;
  }

  /**
   * @param maxAgeMs how old the answer may be; by default a minute
   * @returns newest first
   * @throws RegistryError where the registry gives no answer, and has given none for a day
   */
  async list(image: ImageLocation, prereleases = false, maxAgeMs?: number): Promise<string[]> {
    const key = JSON.stringify([image.api, image.reference.repository, image.credentials]);
    const { freshMs = FRESH_MS, staleMs = STALE_MS } = this.options;
    let entry = this.entries.get(key);
    if (entry === undefined || this.isDue(entry, maxAgeMs ?? freshMs)) {
      entry = await this.flights.run(key, () => this.read(key, image));
    }
    const { tags, readAt, failure } = entry;
    if (tags !== undefined && this.now() - readAt <= staleMs) return semanticVersions(tags, prereleases);
    throw failure ?? new RegistryError('unavailable', 'The registry was not asked.');
  }

  private isDue({ readAt, quietUntil }: Entry, maxAgeMs: number): boolean {
    const now = this.now();
    return now >= quietUntil && now - readAt >= maxAgeMs;
  }

  private async read(key: string, image: ImageLocation): Promise<Entry> {
    const before = this.entries.get(key);
    const entry = await this.client.tags(image).then(
      (tags): Entry => ({ tags, readAt: this.now(), quietUntil: 0 }),
      (error: unknown): Entry => {
        if (!(error instanceof RegistryError)) throw error;
        const quietUntil = this.now() + Math.min(error.retryAfterMs ?? FAILURE_MS, MAX_FAILURE_MS);
        // An image that is gone, or that we may not see any more, has no versions.
        const passing = error.failure === 'unavailable' || error.failure === 'throttled';
        if (!passing || before?.tags === undefined) return { readAt: 0, quietUntil, failure: error };
        this.options.onStale?.(image.reference.repository, error);
        return { ...before, quietUntil, failure: error };
      },
    );
    this.entries.set(key, entry);
    return entry;
  }
}
