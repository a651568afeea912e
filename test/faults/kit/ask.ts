import type { ServerProcess } from '../../support/server-process.js';

export const DOMAIN = 'domain-faults';

/** A request for a plugin of the worlds' catalog. */
export const wish = (pluginId: string, labels?: Record<string, string>) => ({
  plugin_id: pluginId,
  version: '1.0.0',
  domain_id: DOMAIN,
  ...(labels === undefined ? {} : { labels }),
});

export async function ask(server: ServerProcess, pluginId: string, labels?: Record<string, string>): Promise<string> {
  return String((await server.call.ok('grpc', 'get_plugin_endpoint', wish(pluginId, labels)))['endpoint']);
}

export interface InstalledRow {
  readonly plugin_id: string;
  readonly version: string;
  readonly domain_id: string;
  readonly supervisor_id: string;
  readonly supervisor_name: string;
  readonly state: string;
  readonly endpoint: string;
}

/** What is installed, as `list_plugins` tells it. */
export async function installed(server: ServerProcess, pluginId = '', domainId = DOMAIN): Promise<InstalledRow[]> {
  const answer = await server.call.ok('grpc', 'list_plugins', { domain_id: domainId, plugin_id: pluginId });
  return answer['results'] as InstalledRow[];
}

/** Says that a plugin has failed where it is installed first. */
export async function reportFailure(server: ServerProcess, pluginId: string): Promise<void> {
  const [row] = await installed(server, pluginId);
  await server.call.ok('grpc', 'notify_failure', { ...wish(pluginId), supervisor_id: row?.supervisor_id });
}
