import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { codeUnits, keepEnd } from '../common/text/clip.js';
import type { InstanceReport } from '../generated/berth/link/v1/link.js';
import type { Found, PluginKey } from './drivers/driver.js';
import { HANDLE_FORMAT, recordOf, type Handle, type LaunchRecord } from './handle.js';
import type { HandleStore } from './handle-store.js';
import { insist } from './insist.js';
import { reportOf } from './instance-report.js';
import { Launch, type Death, type LaunchContext } from './launch.js';
import { Log } from './log.js';
import { OUTPUT_BYTES } from './output-end.js';
import { RestartPolicy } from './restart-policy.js';
import { type Assigned, isComplete, newerOf, UNASSIGNED, type Wanted, type WantedLaunch } from './wanted.js';
import { Worker } from './worker.js';

export interface InstanceContext extends LaunchContext {
  readonly store: Pick<HandleStore, 'save'>;
  readonly random: () => number;
  /** Called with each new state, in order. */
  publish(report: InstanceReport): void;
}

/** Of the output of one that failed, in UTF-16 code units: all of it is in its own log, and told to the server. */
const LOGGED_OUTPUT = 4_000;

/** In a row: beyond it, even blameless ends are counted. */
const BLAMELESS_LIMIT = 3;

/**
 * One plugin and version on this supervisor: brings what runs to what is wanted, one step at a time, whenever either has
 * changed. Steps never overlap; what takes long (starting, stopping, checking) goes on beside them and wakes the next.
 */
export class Instance {
  private wanted: Wanted = { kind: 'unknown' };
  private launches: readonly Launch[] = [];
  private lastDeath?: Death & { readonly wasReady: boolean };
  private blameless = 0;
  private published?: InstanceReport;
  private dirty = false;
  private tellStopped: () => void = () => undefined;
  private readonly stopped = new Promise<void>((resolve) => (this.tellStopped = resolve));
  private readonly log: Log;
  private readonly policy: RestartPolicy;
  private readonly worker: Worker;
  private incarnation: number;
  private assigned: Assigned;
  private active: boolean;

  constructor(
    readonly key: PluginKey,
    private readonly context: InstanceContext,
    handle?: Handle,
  ) {
    const { clock, random, timings } = context;
    this.log = new Log('Instance', { plugin_id: key.plugin_id, version: key.version });
    this.policy = new RestartPolicy(timings.restart, () => clock.now(), random, handle?.restart);
    this.worker = new Worker(
      clock,
      () => this.step(),
      ({ message }) => this.log.error('a step failed and is repeated', message),
    );
    this.incarnation = handle?.incarnation ?? 0;
    const { assigned_at = 0, generation = 0, after_incarnation = 0 } = handle ?? {};
    this.assigned = { assigned_at, generation, after_incarnation };
    this.active = generation > 0;
  }

  /** What others should know of it now; undefined when there is nothing to know. */
  get report(): InstanceReport | undefined {
    return reportOf({
      key: this.key,
      wanted: this.wanted,
      active: this.active,
      launches: this.launches,
      assigned: this.assigned,
      incarnation: this.incarnation,
      policy: this.policy,
      lastDeath: this.lastDeath,
    });
  }

  /** It shall run. An older assignment, or an older generation of it, than the one known is ignored. */
  assign(launch: WantedLaunch): void {
    const { assigned_at, generation } = launch;
    const before = this.assigned;
    const assigned = newerOf(before, launch, this.incarnation);
    if (assigned === undefined) {
      this.log.debug('an older assignment is ignored', undefined, { generation, assigned_at });
      return;
    }
    if (assigned_at !== before.assigned_at) this.beginAnew();
    const supplied = this.wanted.kind === 'run' && !isComplete(this.wanted.launch) && isComplete(launch);
    if ((generation > before.generation || supplied) && this.policy.failed) this.policy.reset();
    this.dirty ||= !isDeepStrictEqual(assigned, before);
    this.assigned = assigned;
    this.wanted = { kind: 'run', launch };
    this.active = true;
    this.wake();
  }

  /** It shall not run. @param forget it is no longer assigned: what is known of its past goes with it */
  remove(reason: string, forget: boolean): void {
    if (this.wanted.kind === 'stop' && (this.wanted.forget || !forget)) return;
    this.wanted = { kind: 'stop', reason, forget };
    this.wake();
  }

  /** Goes on with what an earlier agent has left running. @returns after the first look at its health */
  async adopt(record: LaunchRecord | Found): Promise<void> {
    const { driver } = this.context;
    const known = 'driver' in record ? record : undefined;
    const sure = <T>(doing: string, action: () => Promise<T>) => insist(this.context.clock, this.log, doing, action);
    const running = await sure('looking for what ran before', () => driver.inspect(record.launch_id, record.data));
    const progress = { data: record.data, startedAt: known?.started_at, readyAt: known?.ready_at };
    const launch = this.newLaunch(record.incarnation, record.launch_id, known);
    this.incarnation = Math.max(this.incarnation, record.incarnation);
    this.active = true;
    this.dirty = true;
    if (running) {
      this.launches = [...this.launches, launch];
      this.log.info('taken over', undefined, { incarnation: record.incarnation });
      await launch.adopt(running, progress);
      return;
    }
    const outputTail = await driver.logs(record.data, OUTPUT_BYTES);
    // Its marks may still be on a process that it had started.
    await sure('clearing away what is left', () => driver.stop(record.launch_id, record.data, 0));
    // A start that did not take place is no failure, nor is the end of one that was to be replaced anyway.
    if (known?.started_at === undefined || record.incarnation <= this.assigned.after_incarnation) return;
    this.count(
      launch,
      {
        reason: 'ended while the agent was away',
        recoverable: true,
        blameless: false,
        fault: 'passing',
        outputTail,
        wasReady: known.ready_at !== undefined,
      },
      known.ready_at,
    );
  }

  /** Stops working on it, leaving everything as it is; resolves when the last step is over. */
  async close(): Promise<void> {
    await this.worker.close();
    await Promise.all(this.launches.map((launch) => launch.release()));
    if (!this.active) return;
    await this.save().catch((error: Error) => this.log.error('cannot write its handle', error.message));
  }

  /** Resolves when it was told to stop and nothing of it runs any more. */
  whenStopped(): Promise<void> {
    return this.stopped;
  }

  /** Has a look at what there is to do, soon. */
  wake(): void {
    this.worker.wake();
  }

  private async step(): Promise<void> {
    this.bury();
    if (this.wanted.kind === 'stop') this.windDown(this.wanted.reason);
    if (this.wanted.kind === 'run') this.pursue(this.wanted.launch);
    this.publish();
    const stopped = this.wanted.kind === 'stop' && this.launches.length === 0;
    if (stopped) {
      this.forget();
      // A full disk must not keep the agent from ending.
      this.tellStopped();
    }
    if (this.dirty) await this.save();
  }

  /** Counts the dead, and clears away what is left of them. */
  private bury(): void {
    if (this.launches.some(({ state }) => state === 'ready')) {
      this.lastDeath = undefined;
      this.blameless = 0;
    }
    const gone = this.launches.filter(({ state }) => state === 'stopped');
    if (gone.length > 0) {
      this.dirty = true;
      this.launches = this.launches.filter((launch) => !gone.includes(launch));
    }
    for (const launch of this.launches) {
      if (!launch.death || (launch.state !== 'dead' && launch.state !== 'ailing')) continue;
      if (!launch.counted) {
        launch.counted = true;
        const wasReady = launch.progress?.readyAt !== undefined;
        // One that was to be replaced anyway leaves no gap, and tells nothing about its replacement.
        if (launch.incarnation > this.assigned.after_incarnation)
          this.count(launch, { ...launch.death, wasReady }, launch.progress?.readyAt);
      }
      if (launch.state === 'dead') launch.retire(0);
      this.publish();
    }
  }

  private count(launch: Launch, death: Death & { readonly wasReady: boolean }, readyAt?: number): void {
    this.lastDeath = death;
    this.dirty = true;
    const { incarnation } = launch;
    this.blameless = death.blameless ? this.blameless + 1 : 0;
    if (death.blameless && this.blameless <= BLAMELESS_LIMIT) {
      this.log.warn('ended through no fault of its own, starting again', death.reason, { incarnation });
      return;
    }
    const { reason, recoverable, fault } = death;
    const decision = this.policy.onFailure({ reason, recoverable, fault, readyAt });
    this.lastDeath = { ...death, reason: decision.reason };
    const printed = keepEnd(death.outputTail, LOGGED_OUTPUT, codeUnits);
    const next = { incarnation, next_start_in_ms: decision.delayMs, output_tail: printed };
    if (decision.state === 'failed') this.log.error('given up', decision.reason, next);
    else this.log.warn(death.wasReady ? 'down' : 'start failed', decision.reason, next);
  }

  private pursue(wanted: WantedLaunch): void {
    const live = this.launches.filter((launch) => launch.live);
    const { stopGraceMs } = this.context.timings;
    const newest = live.findLast(
      ({ incarnation, state }) => incarnation > this.assigned.after_incarnation && state !== 'ailing',
    );
    for (const launch of live) {
      const replaced = newest ? launch !== newest && newest.state === 'ready' : false;
      // The old one serves on until the new one does; one that never served is of no use to anybody.
      const graceMs = launch.state === 'ailing' ? 0 : stopGraceMs;
      if (replaced || (launch !== newest && launch.state === 'starting')) this.retire(launch, 'replaced', graceMs);
    }
    if (newest) return;
    const wait = this.policy.waitMs;
    if (wait > 0) {
      this.worker.wakeIn(wait);
      return;
    }
    if (!this.context.driver.overlaps && this.launches.length > 0) {
      for (const launch of live) this.retire(launch, 'makes room for its replacement', stopGraceMs);
      return;
    }
    this.incarnation = Math.max(this.incarnation, this.assigned.after_incarnation) + 1;
    const launch = this.newLaunch(this.incarnation, randomUUID(), wanted);
    this.launches = [...this.launches, launch];
    this.dirty = false;
    launch.begin();
  }

  private windDown(reason: string): void {
    for (const launch of this.launches) {
      if (launch.live) this.retire(launch, reason, this.context.timings.stopGraceMs);
    }
  }

  /** Of what is no longer assigned only the count of its starts is kept. */
  private forget(): void {
    if (this.wanted.kind !== 'stop' || !this.wanted.forget) return;
    this.dirty ||= this.active;
    this.active = false;
    this.published = undefined;
    this.assigned = UNASSIGNED;
    this.beginAnew();
  }

  private beginAnew(): void {
    this.policy.reset();
    this.lastDeath = undefined;
  }

  private retire(launch: Launch, reason: string, graceMs: number): void {
    this.log.info('stopping', reason, { incarnation: launch.incarnation });
    launch.retire(graceMs);
  }

  private newLaunch(incarnation: number, launchId: string, of: Partial<WantedLaunch> = {}): Launch {
    const { domain_id = '', resource_type = '', process, container } = of;
    const spec = { ...this.key, launch_id: launchId, incarnation, domain_id, resource_type, process, container };
    const owner = { changed: () => this.wake(), persist: () => this.save() };
    return new Launch(spec, this.context, owner, this.log.with({ generation: this.assigned.generation, incarnation }));
  }

  private publish(): void {
    const { report } = this;
    if (!report) return;
    if (isDeepStrictEqual(report, this.published)) return;
    this.published = report;
    this.context.publish(report);
  }

  private save(): Promise<void> {
    this.dirty = false;
    const handle: Handle = {
      format: HANDLE_FORMAT,
      ...this.key,
      incarnation: this.incarnation,
      ...this.assigned,
      restart: this.policy.state,
      launches: this.launches.flatMap((launch) => recordOf(launch, this.context.driver.name)),
    };
    return this.context.store.save(handle).catch((error: Error) => {
      this.dirty = true;
      throw error;
    });
  }
}
