import { readinessPause, type AgentTimings } from './agent-timings.js';
import { sleep, type Clock } from './clock.js';
import type { Replica } from './drivers/driver.js';
import type { Health, HealthProbe, HealthProbes } from '../common/grpc/health-probe.js';

/** A replica, how to ask for its health, and how often in a row it has failed. */
interface Watched {
  readonly replica: Replica;
  readonly probe: HealthProbe;
  failures: number;
  /** Its last check showed that it is dead. */
  gone: boolean;
}

/** The end of a launch's health. */
export interface Lost {
  readonly reason: string;
  /** The endpoint that has failed the least, of those that are not known to be dead. */
  readonly leastBad: string | undefined;
}

/** Watches the replicas of one launch: first until they serve, then for as long as they do. */
export class HealthWatch {
  private watched: readonly Watched[] = [];

  constructor(
    private readonly probes: HealthProbes,
    private readonly clock: Clock,
    private readonly timings: AgentTimings,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Takes note of the replicas there are; those known before keep their count. */
  follow(replicas: readonly Replica[]): void {
    const before = this.watched;
    this.watched = replicas.map(
      (replica) =>
        before.find((known) => known.replica.endpoint === replica.endpoint) ?? {
          replica,
          probe: this.probes(replica),
          failures: 0,
          gone: false,
        },
    );
    for (const known of before) if (!this.watched.includes(known)) known.probe.close();
  }

  /** Looks once. */
  async look(): Promise<{ endpoints: readonly string[]; reason: string }> {
    const looks = await Promise.all(this.watched.map(async (watched) => ({ watched, health: await count(watched) })));
    const endpoints = looks.filter(({ health }) => health.serving).map(({ watched }) => watched.replica.endpoint);
    return { endpoints, reason: reasonOf(looks.map(({ health }) => health)) };
  }

  /**
   * Waits until at least one replica serves, often at first.
   *
   * @param waiting told every time there is still a reason to wait
   * @returns undefined when the signal aborts or the time is over
   */
  async untilReady(timeoutMs: number, waiting: (reason: string) => void): Promise<readonly string[] | undefined> {
    const begin = this.clock.now();
    while (!this.signal.aborted) {
      const { endpoints, reason } = await this.look();
      if (this.signal.aborted) return undefined;
      if (endpoints.length > 0) return endpoints;
      waiting(reason);
      const elapsed = this.clock.now() - begin;
      if (elapsed >= timeoutMs) return undefined;
      await sleep(this.clock, Math.min(readinessPause(elapsed), timeoutMs - elapsed), this.signal);
    }
    return undefined;
  }

  /**
   * Goes on looking, and tells which endpoints are good whenever that changes; one that fails loses its place only after
   * several failures in a row.
   *
   * @returns how the last one was lost; undefined when the signal aborts
   */
  async whileReady(changed: (endpoints: readonly string[]) => void): Promise<Lost | undefined> {
    let told = '';
    while (!this.signal.aborted) {
      const begin = this.clock.now();
      const { reason } = await this.look();
      if (this.signal.aborted) return undefined;
      const good = this.watched.filter(({ failures }) => failures < this.timings.healthFailures);
      if (good.length === 0) {
        return {
          reason: `failed ${this.timings.healthFailures} health checks in a row: ${reason}`,
          leastBad: this.leastBad(),
        };
      }
      const endpoints = good.map(({ replica }) => replica.endpoint);
      if (endpoints.join() !== told) changed(endpoints);
      told = endpoints.join();
      await sleep(this.clock, this.timings.healthIntervalMs - (this.clock.now() - begin), this.signal);
    }
    return undefined;
  }

  private leastBad(): string | undefined {
    const [best] = this.watched.filter(({ gone }) => !gone).toSorted((a, b) => a.failures - b.failures);
    return best?.replica.endpoint;
  }

  private close(): void {
    for (const { probe } of this.watched) probe.close();
    this.watched = [];
  }
}

async function count(watched: Watched): Promise<Health> {
  const health = await watched.probe.check();
  watched.failures = health.serving ? 0 : watched.failures + 1;
  watched.gone = !health.serving && health.gone === true;
  return health;
}

function reasonOf(healths: readonly Health[]): string {
  const reasons = healths.map((health) => (health.serving ? '' : health.reason)).filter((reason) => reason !== '');
  return reasons.length > 0 ? [...new Set(reasons)].join('; ') : 'it has no address yet';
}
