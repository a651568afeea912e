import type { DockerAccess } from '../../../config/agent.config.js';
import type { ContainerLimits } from '../../../generated/berth/link/v1/link.js';

/** How containers are run. */
export interface DockerSettings {
  /** The network that they join; undefined: the engine's own. */
  readonly network?: string;
  /** `published`: by a port of the engine's host; `container`: by the container's name, within its network. */
  readonly reach: 'published' | 'container';
  /** What a plugin may use where the catalog does not say; 0 sets no limit. */
  readonly limits: { readonly memoryBytes: number; readonly cpuMillis: number; readonly pids: number };
  /** Who a plugin runs as; 0 leaves it to the image, which must then name a user other than root. */
  readonly user: number;
}

export const DEFAULT_LIMITS = { memoryBytes: 512 * 1024 * 1024, cpuMillis: 0, pids: 512 };
const DEFAULT_USER = 65_532;

export function dockerSettingsOf({
  network,
  address,
  memoryBytes,
  cpuMillis,
  pids,
  user,
}: DockerAccess): DockerSettings {
  return {
    ...(network !== undefined && { network }),
    reach: address ?? 'published',
    limits: {
      memoryBytes: memoryBytes ?? DEFAULT_LIMITS.memoryBytes,
      cpuMillis: cpuMillis ?? DEFAULT_LIMITS.cpuMillis,
      pids: pids ?? DEFAULT_LIMITS.pids,
    },
    user: user ?? DEFAULT_USER,
  };
}

/** What one launch may use: what the catalog says, and where it is silent what the agent was told. */
export function limitsOf(
  limits: ContainerLimits | undefined,
  { limits: given }: DockerSettings,
): DockerSettings['limits'] {
  return {
    memoryBytes: limits?.memory_bytes || given.memoryBytes,
    cpuMillis: limits?.cpu_millis || given.cpuMillis,
    pids: limits?.pids || given.pids,
  };
}
