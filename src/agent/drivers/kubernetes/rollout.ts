import { type Clock, sleep } from '../../clock.js';
import { DriverError } from '../driver-error.js';
import type { Replica } from '../driver.js';
import type { ClusterView } from './cluster-view.js';
import { warningsAbout } from './events.js';
import type { KubeClient } from './kube-client.js';
import { stuckBecause } from './stuck.js';
import { launchState, type LaunchState, type ServiceAddress } from './launch-state.js';

export interface RolloutTimings {
  /** Until its Pods were scheduled, and the image is there. */
  readonly provisionTimeoutMs: number;
  /** From then on, until one of them is ready. */
  readonly startTimeoutMs: number;
}

export interface Rollout {
  readonly launchId: string;
  readonly address: ServiceAddress;
  readonly signal: AbortSignal;
  /** Told why it still waits, for people. */
  readonly progress: (reason: string) => void;
}

/** How often it looks for events, and whether the time is up; changes are noticed at once. */
const TICK_MS = 1_000;

/**
 * Waits until a launch serves, or has ended again; changes come from the watches.
 *
 * @returns its replicas; none where it has ended already
 * @throws DriverError saying what keeps it from starting, in the words of Kubernetes
 */
export async function untilRolledOut(
  client: KubeClient,
  view: ClusterView,
  { launchId, address, signal, progress }: Rollout,
  { provisionTimeoutMs, startTimeoutMs }: RolloutTimings,
  clock: Clock,
): Promise<readonly Replica[]> {
  const begin = clock.now();
  let runningSince: number | undefined;
  let seen = false;
  let wake: () => void = () => undefined;
  const unsubscribe = view.subscribe(launchId, () => wake());
  const waits = new Explanation(client, view, launchId, clock);
  try {
    for (;;) {
      signal.throwIfAborted();
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const state = launchState(view.launch(launchId), address);
      if (state.kind === 'ready') return state.replicas;
      if (state.kind === 'ended') return [];
      if (state.kind === 'absent' && seen) throw new DriverError('its Deployment was deleted', true);
      seen ||= state.kind !== 'absent';
      if (state.kind === 'starting' && state.running) runningSince ??= clock.now();
      const limit = runningSince === undefined ? provisionTimeoutMs : startTimeoutMs;
      const late = clock.now() - (runningSince ?? begin) > limit;
      const reason = await waits.of(state, late);
      if (state.kind === 'stuck') throw stuckBecause(reason, state.recoverable);
      if (late) throw new DriverError(`was not ready within ${Math.round(limit / 1_000)} s: ${reason}`, true);
      progress(reason);
      await firstOf(changed, clock, signal);
    }
  } finally {
    unsubscribe();
  }
}

/** Returns at a change, after a tick, or when the signal aborts. */
async function firstOf(changed: Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  await Promise.race([changed, sleep(clock, TICK_MS, AbortSignal.any([signal, over.signal]))]);
  over.abort();
}

/** Why a launch does not serve yet, with what the events say where they say more. */
class Explanation {
  private warnings: readonly string[] = [];
  private askedAt: number;

  constructor(
    private readonly client: KubeClient,
    private readonly view: ClusterView,
    private readonly launchId: string,
    private readonly clock: Clock,
  ) {
    this.askedAt = clock.now();
  }

  /** @param last it will not be asked again: the events are read now */
  async of(state: LaunchState, last: boolean): Promise<string> {
    if (state.kind === 'absent') return 'its Deployment is being created';
    if (state.kind !== 'starting' && state.kind !== 'stuck') return '';
    if (last || state.kind === 'stuck' || this.clock.now() - this.askedAt >= TICK_MS) {
      this.warnings = await warningsAbout(this.client, this.view.launch(this.launchId).pods);
      this.askedAt = this.clock.now();
    }
    const { reason } = state;
    // Often both say the same, with another word before it.
    const said = reason.replace(/^\w+: /, '');
    const more = this.warnings.filter(
      (warning) => !warning.includes(said) && !reason.includes(warning.replace(/^\w+: /, '')),
    );
    return [reason, ...more].join('; ');
  }
}
