import { PLUGIN_PORT } from './container-spec.js';
import type { Replica } from '../driver.js';
import type { DockerSettings } from './docker-settings.js';
import { type EngineAddress, isLocal } from './engine-address.js';
import type { Container } from './engine-types.js';

interface Surroundings {
  readonly engine: EngineAddress;
  readonly settings: Pick<DockerSettings, 'reach'>;
  readonly bindHost: string;
  readonly advertiseHost: string;
}

/** Where callers find a running container, and where the agent itself does. */
export function replicaOf(endpoint: string, container: Container, around: Surroundings): Replica {
  const [, port] = /:(\d+)$/.exec(endpoint) ?? [];
  if (around.settings.reach === 'container') {
    const [network] = Object.values(container.NetworkSettings.Networks ?? {});
    const host = network?.IPAddress || network?.GlobalIPv6Address || container.Name.replace(/^\//, '');
    return { endpoint, host, port: PLUGIN_PORT };
  }
  return { endpoint, host: hostOf(around), port: Number(port) };
}

function hostOf({ engine, bindHost, advertiseHost }: Surroundings): string {
  if (!isLocal(engine)) return advertiseHost;
  return bindHost === '0.0.0.0' ? '127.0.0.1' : bindHost === '::' ? '::1' : bindHost;
}
