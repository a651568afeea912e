import { readFileSync } from 'node:fs';
import { PluginEndpointRequest, PluginService } from '../../src/generated/spaceone/api/plugin/v1/plugin.js';
import { ServerProcess } from '../../test/support/server-process.js';
import { grpcLoad, restLoad } from './load-generators.js';
import type { Side } from './pairs.js';

/** A plugin of the project's catalog. */
export const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-1' };

const path = PluginService.getPluginEndpoint.path;
export const ROUTE = '/plugin/v1/plugin/get-plugin-endpoint';

/** The processes of a server: itself, and what it has started. */
export function pidsOf({ child: { pid = 0 } }: ServerProcess): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children.map(Number)];
}

interface Lookup {
  readonly fields?: PluginEndpointRequest;
  /** Shown by the caller. */
  readonly token?: string;
  /** Whether requests have to be sent at a rate. */
  readonly rated?: boolean;
}

/** Looks up over gRPC, again and again. @param address `host:port` */
export function grpcSide(name: string, address: string, pids: readonly number[], lookup: Lookup = {}): Side {
  const { fields = request, token } = lookup;
  const message = PluginEndpointRequest.encode(fields).finish();
  const headers: Record<string, string> = token === undefined ? {} : { token };
  return { name, load: grpcLoad({ address, path, message, headers }), pids };
}

/** Looks up over REST, again and again. @param origin `http://host:port` */
export function restSide(name: string, origin: string, pids: readonly number[], lookup: Lookup = {}): Side {
  const { fields = request, token, rated = false } = lookup;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return { name, load: restLoad({ url: origin + ROUTE, body: JSON.stringify(fields), headers }, rated), pids };
}

/** A server in which the plugin runs already. */
export async function warmServer(env: Record<string, string> = {}, headers = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({ env: { BERTH_LOG_LEVEL: 'warn', ...env } });
  await server.call.ok('grpc', 'get_plugin_endpoint', request, headers);
  return server;
}
