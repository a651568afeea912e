import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log.js';
import { KubeError } from './kube-error.js';
import type { Kind, KubeClient } from './kube-client.js';
import type { KubeObject } from './objects.js';

export interface ReflectorTimings {
  /** The server ends a watch after this long, so that a quietly dead connection is noticed soon after. */
  readonly watchSeconds: number;
  /** Pauses between attempts grow from the first to the second, in milliseconds. */
  readonly backoffMs: readonly [number, number];
}

export const REFLECTOR_TIMINGS: ReflectorTimings = { watchSeconds: 120, backoffMs: [100, 10_000] };

/** How much longer than it asked for it waits for the end of a watch. */
const MARGIN_MS = 10_000;

/**
 * Keeps a copy of the objects of one kind that carry some labels: lists them once, then watches, and lists anew where
 * the watch cannot go on from what it knows (410).
 */
export class Reflector<T extends KubeObject> {
  /** By name. */
  readonly items = new Map<string, T>();
  private readonly over = new AbortController();
  private resourceVersion = '';
  private failures = 0;
  private tellSynced: () => void = () => undefined;
  private readonly synced = new Promise<void>((resolve) => (this.tellSynced = resolve));
  private running: Promise<void> = Promise.resolve();

  /** @param changed told of each object that came, changed or went (the last state known of it) */
  constructor(
    private readonly client: KubeClient,
    private readonly kind: Kind,
    private readonly labelSelector: string,
    private readonly changed: (object: T) => void,
    private readonly log: Log,
    private readonly timings = REFLECTOR_TIMINGS,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Resolves when everything was listed once. */
  whenSynced(): Promise<void> {
    return this.synced;
  }

  async stop(): Promise<void> {
    this.over.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.over;
    while (!signal.aborted) {
      try {
        if (this.resourceVersion === '') await this.list();
        await this.watch();
        this.failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        await this.recover(error);
      }
    }
  }

  private async list(): Promise<void> {
    const { labelSelector } = this;
    const list = await this.client.list<T>(this.kind, { labelSelector }, this.over.signal);
    const before = new Map(this.items);
    this.items.clear();
    for (const item of list.items) this.items.set(item.metadata.name, item);
    this.resourceVersion = list.metadata?.resourceVersion ?? '';
    for (const [name, item] of before) if (!this.items.has(name)) this.changed(item);
    for (const [name, item] of this.items) {
      if (before.get(name)?.metadata.resourceVersion !== item.metadata.resourceVersion) this.changed(item);
    }
    this.tellSynced();
  }

  private async watch(): Promise<void> {
    const { watchSeconds } = this.timings;
    const query = {
      watch: true,
      labelSelector: this.labelSelector,
      resourceVersion: this.resourceVersion,
      allowWatchBookmarks: true,
      timeoutSeconds: watchSeconds,
    };
    const request = { method: 'GET', path: this.client.path(this.kind), query, signal: this.over.signal } as const;
    await this.client.http.watch<T>(request, watchSeconds * 1_000 + MARGIN_MS, ({ type, object }) => {
      this.failures = 0;
      this.resourceVersion = object.metadata.resourceVersion ?? this.resourceVersion;
      if (type === 'BOOKMARK') return;
      if (type === 'DELETED') this.items.delete(object.metadata.name);
      else this.items.set(object.metadata.name, object);
      this.changed(object);
    });
  }

  private async recover(error: unknown): Promise<void> {
    if (error instanceof KubeError && error.expired) {
      this.resourceVersion = '';
      // The first time at once: it is the ordinary end of a long pause.
      if (this.failures++ === 0) return;
    } else {
      this.failures += 1;
    }
    const [first, longest] = this.timings.backoffMs;
    const backoff = Math.min(first * 2 ** (this.failures - 1), longest) * (0.75 + Math.random() / 2);
    const wait = Math.max(backoff, error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0);
    const { message } = error as Error;
    if (this.failures > 1)
      this.log.warn(`the watch of ${this.kind} objects is interrupted`, message, { retry_ms: Math.round(wait) });
    await sleep(wait, undefined, { signal: this.over.signal }).catch(() => undefined);
  }
}
