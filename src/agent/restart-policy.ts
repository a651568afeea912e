import type { Fault } from './drivers/driver-error.js';

/** How patient the agent is with a plugin that keeps failing; times in milliseconds. */
export interface RestartSettings {
  /** Wait before the first restart of one that never was healthy. */
  readonly baseMs: number;
  /** Each further wait is this much longer. */
  readonly factor: number;
  /** The longest wait, and the wait between tries of one that was given up. */
  readonly maxMs: number;
  /** Share of a wait by which it varies at random, so that many do not start together. */
  readonly jitter: number;
  /** Healthy for this long, all failures before are forgotten. */
  readonly healthyMs: number;
  /** Failures are counted within this time. */
  readonly windowMs: number;
  /** More failures than this within the window: given up. */
  readonly maxRestarts: number;
}

export const RESTART_DEFAULTS: RestartSettings = {
  baseMs: 1_000,
  factor: 2,
  maxMs: 300_000,
  jitter: 0.25,
  healthyMs: 600_000,
  windowMs: 600_000,
  maxRestarts: 5,
};

/** What the policy remembers: kept in the handle, so that the count survives the agent. */
export interface RestartState {
  /** When it failed, since it was last healthy for long; newest last. */
  readonly failures: readonly number[];
  /** The first restart was granted at once, and costs no step of the waits. */
  readonly immediate: boolean;
  readonly failed: boolean;
  /** When the next start is allowed, as milliseconds since 1970. */
  readonly nextStartAt: number;
  readonly reason?: string;
  /** Passing where it is not said. */
  readonly fault?: Fault;
}

/** One failure as the policy needs to know it. */
export interface Failure {
  readonly reason: string;
  /** When it had become ready; undefined where it never did. */
  readonly readyAt?: number;
  /** Whether the same start may succeed when it is repeated soon. */
  readonly recoverable: boolean;
  readonly fault?: Fault;
}

/** What follows from a failure. */
export interface Decision {
  /** `restart`: starts again after the delay. `failed`: given up; the delay leads to one more try. */
  readonly state: 'restart' | 'failed';
  readonly delayMs: number;
  readonly reason: string;
}

const FRESH: RestartState = { failures: [], immediate: false, failed: false, nextStartAt: 0 };

/** The waits need no more of the past than this: the longest is reached long before. */
const REMEMBERED = 64;

/** Decides when a failed plugin is started again: one object for each plugin and version. */
export class RestartPolicy {
  constructor(
    private readonly settings: RestartSettings,
    private readonly now: () => number,
    private readonly random: () => number,
    private current: RestartState = FRESH,
  ) {}

  get state(): RestartState {
    return this.current;
  }

  /** Given up: tried again only at the longest wait, or when somebody asks anew. */
  get failed(): boolean {
    return this.current.failed;
  }

  /** Milliseconds until a start is allowed; 0 when it is. */
  get waitMs(): number {
    // Bounded, because the time of the day may have been set back since.
    const longest = this.settings.maxMs * (1 + this.settings.jitter);
    return Math.min(longest, Math.max(0, this.current.nextStartAt - this.now()));
  }

  /** Failures since it was last healthy for long, given when the present one became ready. */
  restarts(readyAt?: number): number {
    return this.outlived(readyAt) ? 0 : this.current.failures.length;
  }

  /** Counts a failure and answers what to do about it. */
  onFailure(failure: Failure): Decision {
    const now = this.now();
    const past = this.outlived(failure.readyAt) ? FRESH : this.current;
    const failures = [...past.failures, now].slice(-REMEMBERED);
    const recent = failures.filter((at) => at > now - this.settings.windowMs).length;
    const immediate = failures.length === 1 ? failure.readyAt !== undefined : past.immediate;
    // Given up, it stays so until it becomes ready: its rare tries are too far apart to be counted together.
    const again = past.failed && failure.readyAt === undefined;
    const failed = again || !failure.recoverable || recent > this.settings.maxRestarts;
    const steps = failures.length - (immediate ? 2 : 1);
    const delayMs = failed ? this.vary(this.settings.maxMs) : steps < 0 ? 0 : this.backoff(steps);
    const reason =
      failed && failure.recoverable ? `${failure.reason} (given up after ${failures.length} failures)` : failure.reason;
    this.current = { failures, immediate, failed, nextStartAt: now + delayMs, reason, fault: failure.fault };
    return { state: failed ? 'failed' : 'restart', delayMs, reason };
  }

  /** Forgets every failure: the next start is allowed at once. */
  reset(): void {
    this.current = FRESH;
  }

  private outlived(readyAt?: number): boolean {
    return readyAt !== undefined && this.now() - readyAt >= this.settings.healthyMs;
  }

  private backoff(steps: number): number {
    return this.vary(Math.min(this.settings.maxMs, this.settings.baseMs * this.settings.factor ** steps));
  }

  private vary(ms: number): number {
    return Math.round(ms * (1 + this.settings.jitter * (2 * this.random() - 1)));
  }
}
