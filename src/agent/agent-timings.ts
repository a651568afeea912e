import { RESTART_DEFAULTS, type RestartSettings } from './restart-policy.js';

/** How patient the agent is with plugins; all in milliseconds unless said otherwise. */
export interface AgentTimings {
  /** A start that is not ready by then has failed. */
  readonly startTimeoutMs: number;
  /** Between asking an instance to end and forcing it. */
  readonly stopGraceMs: number;
  /** From one health check to the next, once it was ready. */
  readonly healthIntervalMs: number;
  /** How long one check may take. */
  readonly healthTimeoutMs: number;
  /** Checks in a row that must fail before an instance counts as down (a number). */
  readonly healthFailures: number;
  /** How long an instance that was ready may take to answer again, after the agent's own restart. */
  readonly takeOverTimeoutMs: number;
  /** A start that takes longer than this does not keep others from starting. */
  readonly launchSlotMs: number;
  readonly restart: RestartSettings;
}

export const TIMING_DEFAULTS: AgentTimings = {
  startTimeoutMs: 60_000,
  stopGraceMs: 10_000,
  healthIntervalMs: 2_000,
  healthTimeoutMs: 1_000,
  healthFailures: 3,
  takeOverTimeoutMs: 10_000,
  launchSlotMs: 5_000,
  restart: RESTART_DEFAULTS,
};

/** Between two checks of a start: this share of the time it has taken so far, so that haste ends with its use. */
const READINESS_SHARE = 0.03;
const READINESS_MIN_MS = 5;
const READINESS_MAX_MS = 100;

/** How long to wait before looking again whether a start is ready. */
export function readinessPause(elapsedMs: number): number {
  return Math.min(READINESS_MAX_MS, Math.max(READINESS_MIN_MS, elapsedMs * READINESS_SHARE));
}
