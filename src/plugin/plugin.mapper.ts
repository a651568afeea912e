import { selectorOf } from '../common/labels.js';
import type { PluginEndpoint } from '../generated/spaceone/api/plugin/v1/plugin.js';
import type { EndpointRequest } from './endpoint.service.js';
import type { Endpoint } from './offer.js';

interface WithVersion {
  plugin_id: string;
  version?: string;
  upgrade_mode?: string;
  labels?: Record<string, unknown>;
}

export function toEndpointRequest(request: WithVersion, domainId: string): EndpointRequest {
  return {
    domainId,
    pluginId: request.plugin_id,
    version: request.version,
    auto: request.upgrade_mode === 'AUTO',
    selector: selectorOf(request.labels),
  };
}

export function toPluginEndpoint({ endpoint, version }: Endpoint, accessToken: string): PluginEndpoint {
  return { endpoint, access_token: accessToken, updated_version: version };
}
