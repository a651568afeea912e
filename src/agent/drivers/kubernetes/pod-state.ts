import type { ContainerState, ContainerStatus, Pod } from './objects.js';
import { CONTAINER_NAME } from './workload.js';

/**
 * `waiting`: on its way; `ready`; `stuck`: it will not start unless something outside of it changes; `ended`: it ran, and
 * does not any more.
 */
export interface PodState {
  readonly kind: 'waiting' | 'ready' | 'stuck' | 'ended';
  /** For people, beginning with the word that Kubernetes has for it. */
  readonly reason: string;
  /** `stuck`: whether starting it again may help. */
  readonly recoverable: boolean;
  /** `ended`: the cause lay outside the plugin. */
  readonly blameless: boolean;
}

const IMAGE_TROUBLE = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);
const CONTAINER_TROUBLE = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);
/** What a registry says of an image that will not be there in a minute either. */
const HOPELESS =
  /not found|manifest unknown|does not exist|no such|unauthorized|denied|invalid|authentication required/i;

/** What has become of a Pod, from its status alone. */
export function podState({ status = {} }: Pod): PodState {
  const { phase, conditions = [], containerStatuses = [] } = status;
  const container = containerStatuses.find(({ name }) => name === CONTAINER_NAME) ?? containerStatuses[0];
  if (phase === 'Failed') {
    const reason = [status.reason, status.message].filter(Boolean).join(': ');
    // Evicted, preempted, or on a node that went away.
    if (reason !== '') return ended(reason, true);
    return ended(terminationOf(container?.state) ?? 'its Pod has failed');
  }
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return waiting([scheduled.reason ?? 'Unschedulable', scheduled.message].filter(Boolean).join(': '));
  }
  if (!container) return waiting('its Pod was created, and no node has taken it up yet');
  return containerState(container, conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime);
}

function containerState(container: ContainerStatus, unreadySince?: string): PodState {
  const { state = {}, lastState, ready = false } = container;
  if (state.terminated) return ended(terminationOf(state) ?? 'its container has ended');
  if (state.running) {
    if (ready) return { kind: 'ready', reason: '', recoverable: true, blameless: false };
    const last = terminationOf(lastState);
    // Unready since before this run began, it is because of the end of the run before.
    const restarted = timeOf(state.running.startedAt) >= timeOf(unreadySince);
    if (last !== undefined && restarted) return ended(last);
    return waiting('its container runs, and its readiness probe does not pass yet');
  }
  const { reason = '', message = '' } = state.waiting ?? {};
  const text = [reason, message].filter(Boolean).join(': ');
  if (reason === 'CrashLoopBackOff') {
    const last = terminationOf(lastState);
    return ended(last === undefined ? text : `${text} (${last})`);
  }
  if (IMAGE_TROUBLE.has(reason)) return stuck(text, reason !== 'InvalidImageName' && !HOPELESS.test(message));
  if (CONTAINER_TROUBLE.has(reason)) return stuck(text, reason !== 'CreateContainerConfigError');
  return waiting(text === '' ? 'its container is being created' : text);
}

/** How a container came to its end: `OOMKilled: …`, `exited with code 1`. */
function terminationOf(state?: ContainerState): string | undefined {
  const { terminated } = state ?? {};
  if (!terminated) return undefined;
  const { reason = '', exitCode = 0, signal } = terminated;
  if (reason === 'OOMKilled') return 'OOMKilled: it used more memory than its limit';
  const end = signal ? `was ended by signal ${signal}` : `exited with code ${exitCode}`;
  return reason === '' || reason === 'Error' || reason === 'Completed' ? end : `${reason}: ${end}`;
}

const timeOf = (text?: string): number => (text === undefined ? 0 : Date.parse(text));

const waiting = (reason: string): PodState => ({ kind: 'waiting', reason, recoverable: true, blameless: false });
const stuck = (reason: string, recoverable: boolean): PodState => ({
  kind: 'stuck',
  reason,
  recoverable,
  blameless: false,
});
const ended = (reason: string, blameless = false): PodState => ({
  kind: 'ended',
  reason,
  recoverable: true,
  blameless,
});
