import {
  InstanceReport_Fault as WireFault,
  InstanceReport_Phase as Phase,
  type InstanceReport,
} from '../generated/berth/link/v1/link.js';
import type { Fault } from './drivers/driver-error.js';
import type { PluginKey } from './drivers/driver.js';
import type { Death, Launch, LaunchState } from './launch.js';
import type { RestartPolicy } from './restart-policy.js';
import type { Assigned, Wanted } from './wanted.js';

/** What an instance knows of itself. */
export interface InstanceView {
  readonly key: PluginKey;
  readonly wanted: Wanted;
  /** Was assigned or ran, and has not been forgotten since. */
  readonly active: boolean;
  readonly launches: readonly Launch[];
  readonly assigned: Assigned;
  readonly incarnation: number;
  readonly policy: RestartPolicy;
  readonly lastDeath?: Death & { readonly wasReady: boolean };
}

/** The state of an instance as the server is told it; undefined when there is nothing to tell. */
export function reportOf(view: InstanceView): InstanceReport | undefined {
  const { wanted } = view;
  if (!view.active) return undefined;
  const running = view.launches.filter(
    ({ live, incarnation }) => live && incarnation > view.assigned.after_incarnation,
  );
  const inState = (wanted: LaunchState) => running.findLast(({ state }) => state === wanted);
  const shown = inState('ready') ?? inState('ailing') ?? running.at(-1);
  if (wanted.kind === 'stop') {
    if (view.launches.length === 0) return basic(view, Phase.STOPPED, wanted.reason);
    return basic(view, Phase.DOWN, `is being stopped: ${wanted.reason}`);
  }
  if (shown?.state === 'ailing') return { ...deathReport(view, Phase.DOWN), endpoints: [...shown.endpoints] };
  if (shown) return launchReport(view, shown);
  if (view.policy.failed) return deathReport(view, Phase.FAILED);
  if (view.lastDeath || view.policy.waitMs > 0) {
    return deathReport(view, view.lastDeath?.wasReady ? Phase.DOWN : Phase.STARTING);
  }
  if (wanted.kind === 'run') return basic(view, Phase.STARTING, 'waits until the one before it has stopped');
  return undefined;
}

function launchReport(view: InstanceView, launch: Launch): InstanceReport {
  const ready = launch.state === 'ready';
  // Until it serves, it is also of interest why the one before it did not.
  const before = view.lastDeath && `the one before: ${view.lastDeath.reason}`;
  const why = [launch.waiting || (before && 'is started again'), before].filter(Boolean).join('; ');
  return {
    ...basic(view, ready ? Phase.READY : Phase.STARTING, ready ? undefined : why),
    output_tail: ready ? undefined : view.lastDeath?.outputTail || undefined,
    incarnation: launch.incarnation,
    endpoints: [...launch.endpoints],
    restarts: view.policy.restarts(launch.progress?.readyAt),
  };
}

function deathReport(view: InstanceView, phase: Phase): InstanceReport {
  const { policy, lastDeath } = view;
  return {
    ...basic(view, phase, lastDeath?.reason ?? policy.state.reason),
    fault: wireFault[lastDeath?.fault ?? policy.state.fault ?? 'passing'],
    output_tail: lastDeath?.outputTail || undefined,
    next_start_at: policy.state.nextStartAt,
  };
}

const wireFault = {
  passing: WireFault.PASSING,
  lasting: WireFault.LASTING,
  'image-not-found': WireFault.IMAGE_NOT_FOUND,
} satisfies Record<Fault, WireFault>;

function basic(view: InstanceView, phase: Phase, reason?: string): InstanceReport {
  const { assigned_at, generation } = view.assigned;
  return {
    ...view.key,
    assigned_at,
    generation,
    incarnation: view.incarnation,
    phase,
    endpoints: [],
    reason,
    restarts: view.policy.restarts(),
  };
}
