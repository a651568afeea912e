import type { Assignment, InstanceReport } from '../generated/berth/link/v1/link.js';
import { TIMING_DEFAULTS, type AgentTimings } from './agent-timings.js';
import { FakeDriver } from './drivers/fake.driver.js';
import { FakeClock, settle } from './fake-clock.js';
import type { Handle } from './handle.js';
import type { Health } from '../common/grpc/health-probe.js';
import { keyText } from './key.js';
import { Reconciler } from './reconciler.js';
import { Semaphore } from '../common/semaphore.js';

/** A reconciler with everything around it faked, for unit tests; the parts outlive it as the real ones do. */
export class ReconcilerRoom {
  readonly clock = new FakeClock();
  readonly driver = new FakeDriver();
  readonly reports: InstanceReport[] = [];
  readonly disk = new Map<string, Handle>();
  /** What every health check answers. */
  health: Health = { serving: true };
  healthOf: (endpoint: string) => Health = () => this.health;
  slots = new Semaphore(8);
  timings: AgentTimings = TIMING_DEFAULTS;
  /** Handles that cannot be read. */
  readonly lost = new Set<string>();
  diskFull = false;
  /** While it is set, a write takes until it has settled. */
  writing?: Promise<void>;

  /** A new agent on the same disk, beside the same processes. */
  async open(): Promise<Reconciler> {
    const { clock, driver, slots, timings } = this;
    const reconciler = new Reconciler({
      clock,
      driver,
      slots,
      timings,
      random: () => 0.5,
      probes: ({ endpoint }) => ({ check: () => Promise.resolve(this.healthOf(endpoint)), close: () => undefined }),
      publish: (report) => void this.reports.push(report),
      store: {
        save: (handle) => this.save(handle),
        load: () => Promise.resolve({ handles: [...this.disk.values()], lost: (key) => this.lost.has(keyText(key)) }),
      },
    });
    await reconciler.takeOver();
    await settle();
    return reconciler;
  }

  /** Phases reported since the last call, as `READY#2`. */
  phases(): string[] {
    return this.reports.splice(0).map(({ phase, incarnation }) => `${phase}#${incarnation}`);
  }

  private async save(handle: Handle): Promise<void> {
    if (this.diskFull) throw new Error('ENOSPC: no space left on device');
    this.disk.set(keyText(handle), JSON.parse(JSON.stringify(handle)) as Handle);
    await this.writing;
  }
}

/** An assignment of plugin p@1. */
export function assigned(more: Partial<Assignment> = {}): Assignment {
  return { plugin_id: 'p', version: '1', generation: 1, after_incarnation: 0, ...more };
}
