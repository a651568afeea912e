import type { Found, LaunchSpec } from '../driver.js';
import type { Container, ContainerSummary } from './engine-types.js';

/** Our own marks, by which a launch is found again. */
export const AGENT_LABEL = 'berth.agent';
export const LAUNCH_LABEL = 'berth.launch';
const INCARNATION_LABEL = 'berth.incarnation';
/** What exactly runs, where the tag may name something else by now. */
const PINNED_LABEL = 'berth.image';
/** As Cloudforet's supervisor marks what it starts. */
const MARK = 'spaceone.supervisor';

export interface Marked {
  readonly spec: LaunchSpec;
  readonly agentId: string;
  readonly supervisorName: string;
  /** With its tag. */
  readonly image: string;
  /** By digest. */
  readonly pinned: string;
  readonly endpoint: string;
}

export function labelsOf({ spec, agentId, supervisorName, image, pinned, endpoint }: Marked): Record<string, string> {
  return {
    [AGENT_LABEL]: agentId,
    [LAUNCH_LABEL]: spec.launch_id,
    [INCARNATION_LABEL]: String(spec.incarnation),
    [PINNED_LABEL]: pinned,
    [`${MARK}.name`]: supervisorName,
    [`${MARK}.plugin_id`]: spec.plugin_id,
    [`${MARK}.domain_id`]: spec.domain_id,
    [`${MARK}.plugin.image`]: image,
    [`${MARK}.plugin.version`]: spec.version,
    [`${MARK}.plugin.resource_type`]: spec.resource_type,
    [`${MARK}.plugin.endpoint`]: endpoint,
  };
}

/** What the marks of a container tell about its launch; undefined where they are not whole. */
export function readMarks(labels: ContainerSummary['Labels']): Omit<Found, 'data'> | undefined {
  const launch_id = labels[LAUNCH_LABEL];
  const plugin_id = labels[`${MARK}.plugin_id`];
  const version = labels[`${MARK}.plugin.version`];
  if (!launch_id || !plugin_id || !version) return undefined;
  return { launch_id, plugin_id, version, incarnation: Number(labels[INCARNATION_LABEL] ?? 0) };
}

/** Where callers were told that it is. */
export const endpointIn = (labels: ContainerSummary['Labels']): string => labels[`${MARK}.plugin.endpoint`] ?? '';

/** Whether it is the container of that launch, and this agent's. */
export function isOurs({ Config: { Labels } }: Container, agentId: string, launchId: string): boolean {
  return Labels?.[AGENT_LABEL] === agentId && Labels[LAUNCH_LABEL] === launchId;
}
