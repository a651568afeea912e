import type { LaunchSpec } from '../driver.js';
import { type DockerSettings, limitsOf } from './docker-settings.js';
import type { ContainerBody } from './engine-types.js';
import { labelsOf } from './marks.js';

/** Where plugins listen in a container. */
export const PLUGIN_PORT = 50_051;

/** All that a container is made of. */
export interface ContainerPlan {
  readonly spec: LaunchSpec;
  readonly agentId: string;
  readonly supervisorName: string;
  readonly settings: DockerSettings;
  /** With its tag, as the marks name it. */
  readonly image: string;
  /** By digest: what runs. */
  readonly pinned: string;
  /** Address and port of the engine's host that lead to the plugin. */
  readonly published?: { readonly host: string; readonly port: number };
  readonly endpoint: string;
}

const MIB = 1024 * 1024;
/** The only place that a plugin may write to; it counts as its memory. */
const TMP_BYTES = 64 * MIB;

/** The container of a launch: without any right that a plugin does not need. */
export function containerOf(plan: ContainerPlan): ContainerBody {
  const { spec, settings, published, pinned } = plan;
  const port = `${PLUGIN_PORT}/tcp`;
  const { memoryBytes, cpuMillis, pids } = limitsOf(spec.container?.limits, settings);
  const env = { ...spec.container?.env, HOST: '0.0.0.0', PORT: String(PLUGIN_PORT) };
  return {
    Image: pinned,
    ...(settings.user > 0 && { User: `${settings.user}:${settings.user}` }),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(plan),
    ExposedPorts: { [port]: {} },
    HostConfig: {
      ...(settings.network !== undefined && { NetworkMode: settings.network }),
      PortBindings: published ? { [port]: [{ HostIp: published.host, HostPort: String(published.port) }] } : {},
      // The agent restarts, with its own patience: two who do would start it twice.
      RestartPolicy: { Name: 'no' },
      // Without swap: a plugin at its limit shall end, and not slow down everything else.
      ...(memoryBytes > 0 && { Memory: memoryBytes, MemorySwap: memoryBytes }),
      ...(cpuMillis > 0 && { NanoCpus: cpuMillis * 1_000_000 }),
      PidsLimit: pids > 0 ? pids : -1,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': `rw,noexec,nosuid,nodev,mode=1777,size=${TMP_BYTES}` },
      // Whatever the engine's own choice is: it must be readable, and have an end.
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
    },
  };
}
