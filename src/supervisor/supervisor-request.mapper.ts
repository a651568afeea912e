import { invalidParameter } from '../common/errors/errors.js';
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

/** @throws BerthError for an endpoint that nobody may be sent to */
export function toPublishedPlugin(info: PluginInfoDto, index: number): PublishedPlugin {
  const all = info.endpoints?.length ? info.endpoints : info.endpoint ? [info.endpoint] : [];
  const endpoints = all.map((endpoint) => {
    const fault = checkedEndpoint(endpoint);
    if (fault !== undefined) throw invalidParameter(`plugin_info[${index}].endpoints`, fault, endpoint);
    return endpoint;
  });
  return { pluginId: info.plugin_id, version: info.version, phase: phaseOf(info.state, endpoints), endpoints };
}

function phaseOf(state: PluginInfo_State | undefined, endpoints: readonly string[]): PublishedPlugin['phase'] {
  switch (state) {
    case PluginInfo_State.ERROR:
      return 'FAILED';
    case PluginInfo_State.PROVISIONING:
    case PluginInfo_State.RE_PROVISIONING:
      return 'STARTING';
    default:
      // Who publishes an instance without its state says that it runs.
      return endpoints.length > 0 ? 'SERVING' : 'STARTING';
  }
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
