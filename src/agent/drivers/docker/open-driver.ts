import { parseMirror } from '../../../registry/registry-mirror.js';
import type { ResolvedAgentOptions } from '../../agent-options.js';
import type { Driver } from '../driver.js';
import { DockerDriver } from './docker.driver.js';
import { dockerSettingsOf } from './docker-settings.js';
import { DEFAULT_HOST } from './engine-address.js';

/**
 * The Docker driver as an agent is told to use it.
 *
 * @throws Error naming the setting that is not usable
 */
export function openDockerDriver(options: ResolvedAgentOptions, agentId: string): Driver {
  const { docker, registryMirror, name, advertiseHost, bindHost, portRange, random } = options;
  return new DockerDriver({
    agentId,
    supervisorName: name,
    engine: { host: docker.host ?? DEFAULT_HOST, certificates: docker.certificates },
    settings: dockerSettingsOf(docker),
    mirror: registryMirror === '' ? undefined : parseMirror(registryMirror),
    advertiseHost,
    bindHost,
    portRange,
    random,
  });
}
