import { invalidParameter } from '../common/errors/errors.js';
import { PluginInfo, PluginInfo_State } from '../generated/spaceone/api/plugin/v1/supervisor.js';
import type { InstalledPlugin } from '../installed-plugin/installed-plugin.js';
import type { PublishedPlugin } from '../installed-plugin/published-plugin.js';
import type { PluginInfoDto } from './dto/plugin-info.dto.js';
import type { RegisterSupervisorDto } from './dto/register-supervisor.dto.js';
import { checkedEndpoint } from './endpoint-check.js';
import type { Supervisor, SupervisorSettings } from './supervisor.js';

export function toSettings(request: RegisterSupervisorDto): SupervisorSettings {
  return {
    name: request.name,
    isPublic: request.is_public,
    priority: request.priority,
    labels: request.labels,
    tags: request.tags,
  };
}

/** @throws BerthError for an endpoint that nobody may be sent to */
export function toPublishedPlugin(info: PluginInfoDto, index: number): PublishedPlugin {
  const all = info.endpoints?.length ? info.endpoints : info.endpoint ? [info.endpoint] : [];
  return {
    pluginId: info.plugin_id,
    version: info.version,
    active: info.state === undefined || info.state === PluginInfo_State.ACTIVE,
    endpoints: all.map((endpoint) => {
      const fault = checkedEndpoint(endpoint);
      if (fault !== undefined) throw invalidParameter(`plugin_info[${index}].endpoints`, fault, endpoint);
      return endpoint;
    }),
  };
}

/** The instance as the API answers it. */
export function toPluginInfo(plugin: InstalledPlugin, supervisor: Supervisor | undefined): PluginInfo {
  return {
    plugin_id: plugin.pluginId,
    version: plugin.version,
    state: PluginInfo_State[plugin.state],
    endpoint: plugin.endpoints[0] ?? '',
    managed: true,
    endpoints: [...plugin.endpoints],
    domain_id: plugin.domainId,
    supervisor_id: plugin.supervisorId,
    supervisor_name: supervisor?.name ?? '',
  };
}

/** A row of a query as the API answers it: with the fields that the query asked for. */
export function toPluginRow(row: Record<string, unknown>): PluginInfo {
  const { _id, hostname: _hostname, ...fields } = row;
  return fields;
}
