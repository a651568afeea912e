import type { Assignments, InstanceReport } from '../generated/berth/link/v1/link.js';
import { InstanceReport_Phase as Phase } from '../generated/berth/link/v1/link.js';
import { sleep } from './clock.js';
import { DriverError } from './drivers/driver-error.js';
import type { Found, PluginKey } from './drivers/driver.js';
import type { Handle } from './handle.js';
import type { HandleStore } from './handle-store.js';
import { Instance, type InstanceContext } from './instance.js';
import { keyText } from './key.js';
import { Log } from './log.js';
import { withFittingOutputs } from './output-end.js';
import { wantedOf } from './wanted.js';

export interface ReconcilerContext extends Omit<InstanceContext, 'store'> {
  readonly store: Pick<HandleStore, 'save' | 'load'>;
}

const LIST_RETRY_MS = 1_000;

/** Keeps one {@link Instance} for each plugin and version, and tells it what is wanted. */
export class Reconciler {
  private readonly log = new Log('Reconciler');
  private readonly instances = new Map<string, Instance>();
  private ending = false;

  constructor(private readonly context: ReconcilerContext) {}

  /**
   * Goes on with what an earlier agent of this data directory has left: what runs is adopted, and what carries our marks
   * without belonging to anything is ended.
   */
  async takeOver(): Promise<void> {
    const { store } = this.context;
    const [{ handles, lost }, found] = await Promise.all([store.load(), this.found()]);
    const owned = new Set(handles.flatMap(({ launches }) => launches.map(({ launch_id }) => launch_id)));
    const strays = found.filter(({ launch_id }) => !owned.has(launch_id));
    const recovered = strays.filter((stray) => lost(stray));
    const leftovers = strays.filter((stray) => !recovered.includes(stray));
    await Promise.all([
      ...handles.map((handle) => this.resume(handle)),
      ...recovered.map((stray) => this.instanceOf(stray).adopt(stray)),
      ...leftovers.map((stray) => this.clearAway(stray)),
    ]);
    for (const instance of this.instances.values()) instance.wake();
  }

  /** Takes note of what shall run. */
  apply({ snapshot, assigned = [], removed = [] }: Assignments): void {
    if (this.ending) return;
    const named = new Set<string>();
    for (const assignment of assigned) {
      const wanted = wantedOf(assignment);
      if (!wanted) {
        const { plugin_id, version, generation } = assignment;
        this.log.error('an assignment without plugin_id or version is ignored', undefined, {
          plugin_id,
          version,
          generation,
        });
        continue;
      }
      named.add(keyText(wanted));
      this.instanceOf(wanted).assign(wanted);
    }
    if (snapshot) {
      for (const [key, instance] of this.instances) {
        if (!named.has(key)) instance.remove('not assigned to this supervisor', true);
      }
    }
    for (const { plugin_id = '', version = '' } of removed) this.remove({ plugin_id, version });
  }

  /** The state of everything that there is something to tell about. */
  reports(): InstanceReport[] {
    const reports = [...this.instances.values()].map(({ report }) => report).filter((report) => report !== undefined);
    return withFittingOutputs(reports.filter(({ phase }) => phase !== Phase.STOPPED));
  }

  /** Stops everything, for good; resolves when nothing runs any more. */
  async stopAll(reason: string): Promise<void> {
    this.ending = true;
    for (const instance of this.instances.values()) instance.remove(reason, false);
    await Promise.all([...this.instances.values()].map((instance) => instance.whenStopped()));
  }

  /** Stops working, leaving everything as it is. */
  async close(): Promise<void> {
    this.ending = true;
    await Promise.all([...this.instances.values()].map((instance) => instance.close()));
    await this.context.driver.close();
  }

  /** What runs, as soon as the driver can tell: an engine that is away comes back. */
  private async found(): Promise<readonly Found[]> {
    const { driver, clock } = this.context;
    for (;;) {
      try {
        return await driver.list();
      } catch (error) {
        if (error instanceof DriverError && !error.recoverable) throw error;
        this.log.error('cannot look for what ran before, will be repeated', (error as Error).message);
        await sleep(clock, LIST_RETRY_MS);
      }
    }
  }

  private remove(key: PluginKey): void {
    const known = this.instances.get(keyText(key));
    if (known?.report) known.remove('no longer assigned', true);
    else
      this.context.publish({ ...key, generation: 0, incarnation: 0, phase: Phase.STOPPED, reason: 'was not running' });
  }

  private instanceOf(key: PluginKey, handle?: Handle): Instance {
    const name = keyText(key);
    let instance = this.instances.get(name);
    if (!instance) {
      const { plugin_id, version } = key;
      instance = new Instance({ plugin_id, version }, this.context, handle);
      this.instances.set(name, instance);
    }
    return instance;
  }

  private async resume(handle: Handle): Promise<void> {
    const { driver } = this.context;
    const other = handle.launches.find((record) => record.driver !== driver.name);
    if (other) {
      throw new Error(
        `${keyText(handle)} in this data directory was started by the driver ${other.driver}, not ${driver.name}: ` +
          `run the agent with that driver and --on-exit stop first, or give this one another data directory.`,
      );
    }
    const instance = this.instanceOf(handle, handle);
    for (const record of handle.launches) await instance.adopt(record);
  }

  private async clearAway(stray: Found): Promise<void> {
    const { driver, timings } = this.context;
    this.log.warn('clearing away a leftover that nothing accounts for', keyText(stray), { launch_id: stray.launch_id });
    await driver
      .stop(stray.launch_id, stray.data, timings.stopGraceMs)
      .catch((error: Error) => this.log.error('a leftover cannot be cleared away', error.message));
  }
}
