import type { RegistryLogin } from '../../../registry/registry-credentials.js';
import type { LaunchSpec } from '../driver.js';
import { objectName } from '../object-name.js';
import { labelValue } from './names.js';
import type { KubeMeta } from './objects.js';
import type { WorkloadSettings } from './settings.js';

/** All that the objects of one launch are made of. */
export interface Workload {
  readonly spec: Pick<
    LaunchSpec,
    'plugin_id' | 'version' | 'launch_id' | 'incarnation' | 'domain_id' | 'resource_type'
  >;
  /** Marks what belongs to this agent; the same after it was restarted. */
  readonly agentId: string;
  readonly supervisorName: string;
  readonly namespace: string;
  /** `registry/repository:tag@digest`: what nodes pull. */
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** What nodes show to the registry, where it wants something. */
  readonly login?: RegistryLogin;
  readonly settings: WorkloadSettings;
}

/** Where plugins listen in a container. */
export const PLUGIN_PORT = 50_051;
export const CONTAINER_NAME = 'plugin';

export const AGENT_LABEL = 'berth/agent';
export const LAUNCH_LABEL = 'berth/launch';
const INCARNATION = 'berth/incarnation';
/** How many replicas the settings wanted when it was last applied. */
export const REPLICAS = 'berth/replicas';
const MARK = 'spaceone.supervisor';

export const nameOf = ({ spec }: Workload): string => objectName(spec, spec.launch_id);

/** Labels of everything that belongs to a launch, by our marks and those that existing tools look for. */
export function labelsOf({ spec, agentId, supervisorName }: Workload): Record<string, string> {
  return {
    'app.kubernetes.io/managed-by': 'berth',
    'app.kubernetes.io/name': labelValue(spec.plugin_id),
    [AGENT_LABEL]: labelValue(agentId),
    [LAUNCH_LABEL]: labelValue(spec.launch_id),
    supervisor_name: labelValue(supervisorName),
    plugin_id: labelValue(spec.plugin_id),
    domain_id: labelValue(spec.domain_id),
    version: labelValue(spec.version),
    resource_type: labelValue(spec.resource_type),
  };
}

/** The marks in full, as labels cannot always hold them. */
export function annotationsOf(workload: Workload): Record<string, string> {
  const { spec, supervisorName, image, settings } = workload;
  return {
    [LAUNCH_LABEL]: spec.launch_id,
    [INCARNATION]: String(spec.incarnation),
    [REPLICAS]: String(settings.replicas),
    [`${MARK}.name`]: supervisorName,
    [`${MARK}.plugin_id`]: spec.plugin_id,
    [`${MARK}.domain_id`]: spec.domain_id,
    [`${MARK}.plugin.image`]: image,
    [`${MARK}.plugin.version`]: spec.version,
    [`${MARK}.plugin.resource_type`]: spec.resource_type,
    [`${MARK}.plugin.endpoint`]: `grpc://${hostOf(workload)}:${PLUGIN_PORT}`,
  };
}

/** What the marks of an object tell about its launch; undefined where they are not whole. */
export function readMarks({
  annotations = {},
}: KubeMeta): (Omit<Workload['spec'], 'domain_id'> & { readonly replicas: number }) | undefined {
  const launch_id = annotations[LAUNCH_LABEL];
  const plugin_id = annotations[`${MARK}.plugin_id`];
  const version = annotations[`${MARK}.plugin.version`];
  if (!launch_id || !plugin_id || !version) return undefined;
  return {
    launch_id,
    plugin_id,
    version,
    incarnation: Number(annotations[INCARNATION] ?? 0),
    resource_type: annotations[`${MARK}.plugin.resource_type`] ?? '',
    replicas: Number(annotations[REPLICAS] ?? 1),
  };
}

/** The name by which the Service of the launch is found within the cluster. */
export function hostOf(workload: Workload): string {
  return `${nameOf(workload)}.${workload.namespace}.svc.${workload.settings.clusterDomain}`;
}

export const launchSelector = (agentId: string, launchId: string): string =>
  `${AGENT_LABEL}=${labelValue(agentId)},${LAUNCH_LABEL}=${labelValue(launchId)}`;

export const agentSelector = (agentId: string): string => `${AGENT_LABEL}=${labelValue(agentId)}`;
