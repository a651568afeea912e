import type { AgentTimings } from './agent-timings.js';
import { sleep, type Clock } from './clock.js';
import { DriverError, type Fault } from './drivers/driver-error.js';
import type { Driver, DriverData, LaunchSpec, RunningLaunch } from './drivers/driver.js';
import type { HealthProbes } from '../common/grpc/health-probe.js';
import { HealthWatch, type Lost } from './health-watch.js';
import type { Log } from './log.js';
import { OUTPUT_BYTES } from './output-end.js';
import type { Semaphore } from '../common/semaphore.js';

/** What every launch of an agent shares. */
export interface LaunchContext {
  readonly driver: Driver;
  readonly probes: HealthProbes;
  readonly clock: Clock;
  readonly timings: AgentTimings;
  /** Bounds how many start at a time. */
  readonly slots: Semaphore;
}

/** Where a launch tells what becomes of it. */
export interface LaunchOwner {
  /** Something that others see has changed. */
  changed(): void;
  /** Writes down what is known of the launch; resolves when it is on disk. */
  persist(): Promise<void>;
}

export type LaunchState = 'starting' | 'ready' | 'ailing' | 'dead' | 'stopping' | 'stopped';

/** How a launch came to its end. */
export interface Death {
  readonly reason: string;
  readonly recoverable: boolean;
  readonly blameless: boolean;
  readonly fault: Fault;
  /** The end of what it printed. */
  readonly outputTail: string;
}

/** What is kept of a launch on disk. */
export interface LaunchProgress {
  readonly data: DriverData;
  /** Milliseconds since 1970; undefined until it was really started. */
  readonly startedAt?: number;
  readonly readyAt?: number;
}

const STOP_RETRY_MS = 1_000;
/** First word about a wait after this long, then at this interval. */
const WAIT_TOLD_AFTER_MS = 1_000;
const WAIT_TOLD_EVERY_MS = 10_000;

/**
 * One start of a plugin, from its preparation to its last trace: `starting → ready → dead → stopping → stopped`. One that
 * fails its health checks and still runs is `ailing`, until another one is ready: it may be better than nothing.
 */
export class Launch {
  state: LaunchState = 'starting';
  /** Those that may be handed out: empty unless ready, the least bad one of what is ailing. */
  endpoints: readonly string[] = [];
  /** Why it is not ready yet, once that takes long. */
  waiting = '';
  /** Why it serves no more, or not as it should. */
  death?: Death;
  /** Whether its owner has taken note of its end. */
  counted = false;
  /** Undefined until it was prepared. */
  progress?: LaunchProgress;
  /** Aborted when nothing more is to be learnt about it. */
  private readonly over = new AbortController();
  private readonly health: HealthWatch;
  private beginning: Promise<void> = Promise.resolve();
  private dying = false;
  private nextWordAt = 0;

  constructor(
    readonly spec: LaunchSpec,
    private readonly context: LaunchContext,
    private readonly owner: LaunchOwner,
    private readonly log: Log,
  ) {
    this.health = new HealthWatch(context.probes, context.clock, context.timings, this.over.signal);
  }

  get incarnation(): number {
    return this.spec.incarnation;
  }

  /** Runs, as far as one knows. */
  get live(): boolean {
    return this.state === 'starting' || this.state === 'ready' || this.state === 'ailing';
  }

  /** Starts it, in the background. */
  begin(): void {
    this.beginning = this.start().catch((error: unknown) => this.die(failureOf(error)));
  }

  /**
   * Goes on with one that an earlier agent started.
   *
   * @returns after the first look at its health
   */
  async adopt(running: RunningLaunch, { startedAt, readyAt }: LaunchProgress): Promise<void> {
    const { clock, timings } = this.context;
    this.progress = { data: running.data, startedAt, readyAt };
    this.attach(running);
    const { endpoints, reason } = await this.health.look();
    if (endpoints.length > 0) {
      this.becomeReady(endpoints);
    } else {
      this.waiting = `taken over, not ready yet: ${reason}`;
      const used = clock.now() - (startedAt ?? clock.now());
      const left = Math.max(timings.takeOverTimeoutMs, readyAt ? 0 : timings.startTimeoutMs - used);
      this.attend(left);
    }
  }

  /** Ends it, in the background: `stopping`, then `stopped` when nothing of it is left. */
  retire(graceMs: number): void {
    if (this.state === 'stopping' || this.state === 'stopped') return;
    this.state = 'stopping';
    this.endpoints = [];
    this.over.abort(new DriverError('The start was cancelled.', true));
    void this.stop(graceMs);
  }

  /** Lets go of it without stopping it; resolves when nothing more will be written about it. */
  async release(): Promise<void> {
    this.dying = true;
    this.over.abort(new DriverError('The agent has ended.', true));
    await this.beginning;
  }

  private async start(): Promise<void> {
    const { driver, slots, clock, timings } = this.context;
    const signal = this.over.signal;
    const leave = await slots.acquire(signal);
    const slotTimer = clock.after(timings.launchSlotMs, leave);
    signal.addEventListener('abort', leave, { once: true });
    try {
      this.progress = { data: await driver.prepare(this.spec, signal) };
      // Whoever comes after a sudden end of the agent must know of the process before there is one.
      await this.owner.persist();
      signal.throwIfAborted();
      const startedAt = clock.now();
      this.nextWordAt = startedAt + WAIT_TOLD_AFTER_MS;
      const running = await driver.start(this.spec, this.progress.data, signal, (reason) => this.wait(reason));
      this.progress = { data: running.data, startedAt };
      // Not waited for: the mark finds the process too, and the plugin is busy starting meanwhile.
      this.persist();
      if (signal.aborted) return;
      this.log.info('started, waiting for its health check');
      this.attach(running);
      this.attend(timings.startTimeoutMs, () => {
        slotTimer();
        leave();
      });
    } catch (error) {
      slotTimer();
      leave();
      throw error;
    }
  }

  /** Not for what must be on disk before something else happens. */
  private persist(): void {
    this.owner.persist().catch((error: Error) => this.log.warn('cannot write its handle', error.message));
  }

  private attach(running: RunningLaunch): void {
    const { driver } = this.context;
    this.health.follow(running.replicas);
    const unwatch = driver.watch(this.spec.launch_id, running.data, {
      exited: (exit) => void this.die({ ...exit, recoverable: true, fault: 'passing' }),
      replicas: (replicas) => this.health.follow(replicas),
    });
    this.over.signal.addEventListener('abort', unwatch, { once: true });
  }

  /** Watches it until its end, in the background. */
  private attend(readyWithinMs: number, settled?: () => void): void {
    this.nextWordAt = this.context.clock.now() + WAIT_TOLD_AFTER_MS;
    const watch = async (): Promise<void> => {
      let reason = '';
      const endpoints = await this.health.untilReady(readyWithinMs, (why) => this.wait((reason = why)));
      settled?.();
      if (this.over.signal.aborted) return;
      if (endpoints) this.becomeReady(endpoints);
      else await this.die(failure(`was not ready within ${Math.round(readyWithinMs / 1000)} s: ${reason}`));
    };
    watch().catch((error: unknown) => this.die(failureOf(error)));
  }

  private becomeReady(endpoints: readonly string[]): void {
    if (this.dying || !this.live || !this.progress) return;
    const now = this.context.clock.now();
    const { startedAt = now } = this.progress;
    this.state = 'ready';
    this.waiting = '';
    this.endpoints = endpoints;
    this.progress = { ...this.progress, readyAt: this.progress.readyAt ?? now };
    this.owner.changed();
    this.persist();
    this.log.info('ready', `${now - startedAt} ms after its start`, { endpoints: [...endpoints] });
    const watch = async (): Promise<void> => {
      const lost = await this.health.whileReady((good) => {
        if (this.dying || good.join() === this.endpoints.join()) return;
        this.log.warn('the good endpoints have changed', good.join(', '));
        this.endpoints = good;
        this.owner.changed();
      });
      if (lost !== undefined) await this.ail(lost);
    };
    watch().catch((error: unknown) => this.die(failureOf(error)));
  }

  private wait(reason: string): void {
    if (this.over.signal.aborted) return;
    const now = this.context.clock.now();
    if (now < this.nextWordAt) return;
    this.nextWordAt = now + WAIT_TOLD_EVERY_MS;
    this.waiting = reason;
    this.log.info('still waiting', reason);
    this.owner.changed();
  }

  private async ail({ reason, leastBad }: Lost): Promise<void> {
    if (leastBad === undefined || !this.progress) return this.die(failure(reason));
    const outputTail = await this.context.driver.logs(this.progress.data, OUTPUT_BYTES);
    // While the output was read, it may have died, or been told to stop.
    if (this.dying || this.state !== 'ready') return;
    this.state = 'ailing';
    this.endpoints = [leastBad];
    this.death = { ...failure(reason), outputTail };
    this.owner.changed();
  }

  private async die(end: Omit<Death, 'outputTail'>): Promise<void> {
    if (this.dying || !this.live) return;
    this.dying = true;
    const { driver } = this.context;
    const outputTail = this.progress ? await driver.logs(this.progress.data, OUTPUT_BYTES) : '';
    // While the output was read, it may have been told to stop.
    if (!this.live) return;
    this.state = 'dead';
    this.endpoints = [];
    this.death = { ...end, outputTail };
    this.over.abort(new DriverError(end.reason, true));
    this.owner.changed();
  }

  private async stop(graceMs: number): Promise<void> {
    const { driver, clock } = this.context;
    await this.beginning;
    for (let pause = STOP_RETRY_MS; this.progress; pause = Math.min(pause * 2, 30 * STOP_RETRY_MS)) {
      try {
        await driver.stop(this.spec.launch_id, this.progress.data, graceMs);
        break;
      } catch (error) {
        this.log.error('cannot be stopped, will be tried again', failureOf(error).reason);
        await sleep(clock, pause);
      }
    }
    this.state = 'stopped';
    this.owner.changed();
  }
}

const failure = (reason: string): Omit<Death, 'outputTail'> => ({
  reason,
  recoverable: true,
  blameless: false,
  fault: 'passing',
});

function failureOf(error: unknown): Omit<Death, 'outputTail'> {
  if (!(error instanceof DriverError)) return failure(error instanceof Error ? error.message : String(error));
  const { message: reason, recoverable, fault } = error;
  return { reason, recoverable, fault, blameless: false };
}
