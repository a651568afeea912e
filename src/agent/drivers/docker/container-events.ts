import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log.js';
import type { EngineClient } from './engine-client.js';
import { TimeLimit } from '../../../common/time-limit.js';

export interface EventTimings {
  /** The stream is opened anew after this long, so that a quietly dead connection is noticed. */
  readonly streamMs: number;
  /** Pauses between attempts grow from the first to the second, in milliseconds. */
  readonly backoffMs: readonly [number, number];
}

export const EVENT_TIMINGS: EventTimings = { streamMs: 120_000, backoffMs: [50, 2_000] };

const ACTIONS = ['die', 'destroy'];

/** @param unseen whether what has happened was not seen, because the engine was away */
export type Look = (unseen: boolean) => void;

/**
 * Tells when there is reason to look at a launch: its container has ended, or the engine was away and nobody knows what
 * has become of it.
 */
export class ContainerEvents {
  private readonly looks = new Map<string, Look>();
  private readonly over = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private failures = 0;

  /** @param label `key=value` that all containers carry @param launchLabel the key whose value is the launch */
  constructor(
    private readonly engine: EngineClient,
    private readonly label: string,
    private readonly launchLabel: string,
    private readonly log: Log,
    private readonly timings = EVENT_TIMINGS,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** @returns what ends it */
  subscribe(launchId: string, look: Look): () => void {
    this.looks.set(launchId, look);
    return () => {
      if (this.looks.get(launchId) === look) this.looks.delete(launchId);
    };
  }

  async close(): Promise<void> {
    this.over.abort();
    this.looks.clear();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.over;
    while (!signal.aborted) {
      using renewal = new TimeLimit(this.timings.streamMs, signal);
      const unseen = this.failures > 0;
      try {
        await this.engine.events(
          this.label,
          ACTIONS,
          {
            opened: () => {
              if (this.failures > 0) this.log.info('the engine answers again');
              this.failures = 0;
              this.lookAtAll(unseen).catch(({ message }: Error) => this.log.warn('cannot look at containers', message));
            },
            next: ({ Actor }) => this.looks.get(Actor.Attributes?.[this.launchLabel] ?? '')?.(false),
          },
          renewal.signal,
        );
      } catch (error) {
        if (signal.aborted) return;
        if (renewal.over) continue;
        if (this.failures === 1) this.log.warn('the engine does not answer', (error as Error).message);
      }
      // Its end, and not ours.
      this.failures += 1;
      const [first, longest] = this.timings.backoffMs;
      await sleep(Math.min(longest, first * 2 ** (this.failures - 1)), undefined, { signal }).catch(() => undefined);
    }
  }

  /** One question for all: those that run need no look of their own. */
  private async lookAtAll(unseen: boolean): Promise<void> {
    if (this.looks.size === 0) return;
    const containers = await this.engine.list(this.label);
    const running = new Set(
      containers.filter(({ State }) => State === 'running').map(({ Labels }) => Labels[this.launchLabel]),
    );
    for (const [launchId, look] of [...this.looks]) if (!running.has(launchId)) look(unseen);
  }
}
