import { display } from '../common/errors/errors.js';
import { withKnownScheme } from '../common/grpc/grpc-address.js';
import { PluginInfo, PluginInfo_State, PluginQuery_State } from '../generated/spaceone/api/plugin/v1/supervisor.js';
import type { InstalledPlugin } from '../installed-plugin/installed-plugin.js';
import type { InstalledPluginMatch } from '../installed-plugin/installed-plugin.service.js';
import type { PublishedPlugin } from '../installed-plugin/published-plugin.js';
import type { PluginInfoDto } from './dto/plugin-info.dto.js';
import type { PluginQueryDto } from './dto/plugin-query.dto.js';
import type { RegisterSupervisorDto } from './dto/register-supervisor.dto.js';
import type { SupervisorQueryDto } from './dto/supervisor-query.dto.js';
import { checkedEndpoint } from './endpoint-check.js';
import type { Supervisor, SupervisorSettings } from './supervisor.js';
import type { SupervisorMatch } from './supervisor.query.repository.js';

/** What is on the wire for an empty string; over gRPC the two cannot be told apart. */
const unlessEmpty = (text: string | undefined) => text || undefined;

export function toSettings(request: RegisterSupervisorDto): SupervisorSettings {
  return {
    name: unlessEmpty(request.name),
    isPublic: request.is_public,
    priority: request.priority,
    labels: request.labels,
    tags: request.tags,
  };
}

/** An endpoint that nobody may be sent to counts as none: what else the supervisor publishes is not lost with it. */
export function toPublishedPlugin({ plugin_id, version, state, ...info }: PluginInfoDto): PublishedPlugin {
  const usable = (named: readonly string[]) =>
    named.filter((endpoint) => checkedEndpoint(endpoint) === undefined).map(withKnownScheme);
  const first = info.endpoint ? [info.endpoint] : [];
  const several = usable(info.endpoints ?? []);
  const endpoints = several.length > 0 ? several : usable(first);
  const phase = phaseOf(state, endpoints);
  return {
    pluginId: plugin_id,
    version,
    phase,
    endpoints,
    ...(phase === 'STARTING' &&
      !notReady.has(state) && {
        reason: missingEndpoint([...(info.endpoints ?? []), ...first].find((endpoint) => endpoint !== '')),
      }),
  };
}

function missingEndpoint(named: string | undefined): string {
  if (named === undefined) return 'its supervisor names no endpoint';
  return `its supervisor names no endpoint that can be used (endpoint = ${display(named)}, ${checkedEndpoint(named)})`;
}

/** States in which a plugin has no endpoint yet. */
const notReady = new Set<PluginInfo_State | undefined>([
  PluginInfo_State.PROVISIONING,
  PluginInfo_State.RE_PROVISIONING,
]);

function phaseOf(state: PluginInfo_State | undefined, endpoints: readonly string[]): PublishedPlugin['phase'] {
  if (state === PluginInfo_State.ERROR) return 'FAILED';
  // Who publishes an instance without its state says that it runs.
  return notReady.has(state) || endpoints.length === 0 ? 'STARTING' : 'SERVING';
}

/** What a supervisor must be to be listed. */
export function toSupervisorMatch(request: SupervisorQueryDto): SupervisorMatch {
  return {
    supervisorId: unlessEmpty(request.supervisor_id),
    name: unlessEmpty(request.name),
    isPublic: request.is_public,
  };
}

/** The fields that rows must equal. NONE is proto3's absent. */
export function toPluginMatch({ state, ...request }: PluginQueryDto): InstalledPluginMatch {
  return {
    supervisor_id: unlessEmpty(request.supervisor_id),
    hostname: unlessEmpty(request.hostname),
    plugin_id: unlessEmpty(request.plugin_id),
    version: unlessEmpty(request.version),
    endpoint: unlessEmpty(request.endpoint),
    state: state === PluginQuery_State.NONE ? undefined : state,
  };
}

/** The instance as the API answers it to a domain, which learns of no other that it serves too. */
export function toPluginInfo(
  plugin: InstalledPlugin,
  supervisor: Supervisor | undefined,
  askingDomain: string,
): PluginInfo {
  return {
    plugin_id: plugin.pluginId,
    version: plugin.version,
    state: PluginInfo_State[plugin.state],
    endpoint: plugin.endpoints[0] ?? '',
    managed: true,
    endpoints: [...plugin.endpoints],
    domain_id: plugin.supervisorDomainId === askingDomain ? plugin.domainId : askingDomain,
    supervisor_id: plugin.supervisorId,
    supervisor_name: supervisor?.name ?? '',
  };
}

/** What a query may answer of an instance; the rest of a row is for the server itself. */
const pluginInfoFields = [
  'plugin_id',
  'version',
  'state',
  'endpoint',
  'managed',
  'endpoints',
  'domain_id',
  'supervisor_id',
  'supervisor_name',
] as const satisfies readonly (keyof PluginInfo)[];

/** A row of a query as the API answers it: with the fields that the query asked for. */
export function toPluginRow(row: Record<string, unknown>): PluginInfo {
  return Object.fromEntries(
    pluginInfoFields.filter((field) => row[field] !== undefined).map((field) => [field, row[field]]),
  );
}
