import {
  type Assignment,
  type ContainerLaunch as WireContainer,
  type Hello,
  type InstanceReport as WireReport,
  InstanceReport_Fault,
  InstanceReport_Phase,
} from '../../generated/berth/link/v1/link.js';
import type { ContainerLaunch } from '../../catalog/catalog.js';
import type { PluginLaunch } from '../../catalog/catalog.service.js';
import { invalidParameter, requiredParameter } from '../../common/errors/errors.js';
import { keepEnd, utf8Bytes } from '../../common/text/clip.js';
import { withKnownScheme } from '../../common/grpc/grpc-address.js';
import type { InstalledPlugin } from '../../installed-plugin/installed-plugin.js';
import type { InstanceReport } from '../../installed-plugin/instance-report.js';
import { checkedEndpoint } from '../endpoint-check.js';
import type { SupervisorAnnouncement } from '../supervisor.js';

const MAX_TEXT = 255;
const MAX_ENDPOINTS = 1_000;
/** Of what an instance printed. Agents tell no more. */
const MAX_OUTPUT_BYTES = 72 * 1024;

function name(key: string, value: string | undefined): string {
  if (value === undefined || value === '') throw requiredParameter(key);
  if (value.length > MAX_TEXT) throw invalidParameter(key, `must have at most ${MAX_TEXT} characters`, value);
  return value;
}

function endpoint(value: string): string {
  const fault = checkedEndpoint(value);
  if (fault !== undefined) throw invalidParameter('report.endpoints', fault, value);
  return withKnownScheme(value);
}

/** @param value milliseconds since 1970: a number on the wire may be later than any date */
function time(key: string, value: number): Date {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw invalidParameter(key, 'must be a time in milliseconds since 1970', value);
  return date;
}

/** @throws BerthError naming what is missing or wrong */
export function readHello(hello: Hello): SupervisorAnnouncement {
  return {
    domainId: name('hello.domain_id', hello.domain_id),
    hostname: name('hello.hostname', hello.hostname),
    name: name('hello.name', hello.name),
    isPublic: hello.is_public ?? false,
    labels: hello.labels ?? {},
    tags: hello.tags ?? {},
    capacity: hello.capacity ?? 0,
  };
}

/** Newer agents may know of more. */
const isFault = (fault: InstanceReport_Fault): fault is Exclude<InstanceReport_Fault, 'UNRECOGNIZED'> =>
  fault !== InstanceReport_Fault.UNRECOGNIZED;

/** @throws BerthError naming what is missing or wrong */
export function readReport(report: WireReport): InstanceReport {
  const endpoints = report.endpoints ?? [];
  if (endpoints.length > MAX_ENDPOINTS) {
    throw invalidParameter('report.endpoints', `must have at most ${MAX_ENDPOINTS} items`, endpoints.length);
  }
  const phase = report.phase ?? InstanceReport_Phase.UNSPECIFIED;
  if (phase === InstanceReport_Phase.UNSPECIFIED || phase === InstanceReport_Phase.UNRECOGNIZED) {
    throw invalidParameter('report.phase', 'must be STARTING, READY, DOWN, FAILED or STOPPED', phase);
  }
  if (phase === InstanceReport_Phase.READY && endpoints.length === 0) throw requiredParameter('report.endpoints');
  return {
    pluginId: name('report.plugin_id', report.plugin_id),
    version: name('report.version', report.version),
    phase,
    assignedAt: time('report.assigned_at', report.assigned_at ?? 0),
    generation: report.generation ?? 0,
    incarnation: report.incarnation ?? 0,
    endpoints: endpoints.map(endpoint),
    reason: report.reason ?? '',
    fault: report.fault === undefined || !isFault(report.fault) ? 'PASSING' : report.fault,
    outputTail: keepEnd(report.output_tail ?? '', MAX_OUTPUT_BYTES, utf8Bytes),
    restarts: report.restarts ?? 0,
    nextStartAt: report.next_start_at ? time('report.next_start_at', report.next_start_at) : null,
  };
}

/**
 * What an agent has to know of an instance that it shall run.
 *
 * @param driver of the agent, as its hello names it: what pulls no images is shown no credentials for them
 */
export function toAssignment(plugin: InstalledPlugin, launch: PluginLaunch | undefined, driver: string): Assignment {
  return {
    plugin_id: plugin.pluginId,
    version: plugin.version,
    assigned_at: plugin.createdAt,
    generation: plugin.generation,
    after_incarnation: plugin.afterIncarnation,
    domain_id: plugin.domainId,
    resource_type: launch?.resourceType,
    process: launch?.process && {
      command: [...launch.process.command],
      working_directory: launch.process.workingDirectory,
      env: { ...launch.process.env },
    },
    container: launch?.container && toContainer(launch.container, driver === 'process' ? undefined : launch.registry),
  };
}

function toContainer(
  { image, env, digest, limits }: ContainerLaunch,
  registry: PluginLaunch['registry'],
): WireContainer {
  const { memoryBytes, cpus, pids } = limits ?? {};
  return {
    image,
    env: { ...env },
    digest,
    limits: limits && { memory_bytes: memoryBytes, cpu_millis: cpus && Math.round(cpus * 1_000), pids },
    registry: registry && { type: registry.type, config: { ...registry.config } },
  };
}
