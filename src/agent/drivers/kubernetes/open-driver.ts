import { parseMirror } from '../../../registry/registry-mirror.js';
import type { ResolvedAgentOptions } from '../../agent-options.js';
import type { Driver } from '../driver.js';
import { KubernetesDriver } from './kubernetes.driver.js';
import { KubernetesSettings } from './settings.js';

const REQUEST_TIMEOUT_MS = 10_000;
const PATIENCE_MS = 30_000;
/** Nodes that have to be started first, and large images, take their time; whoever waits has a deadline of his own. */
const PROVISION_TIMEOUT_MS = 600_000;

/**
 * The Kubernetes driver as an agent is told to use it.
 *
 * @throws Error naming the setting that is not usable
 */
export function openKubernetesDriver(options: ResolvedAgentOptions, agentId: string): Promise<Driver> {
  const { kubernetes, registryMirror, name, timings, clock } = options;
  return KubernetesDriver.open({
    agentId,
    supervisorName: name,
    kubeconfig: kubernetes.kubeconfig,
    context: kubernetes.context,
    namespace: kubernetes.namespace,
    settings: KubernetesSettings.read(kubernetes.settingsFile, timings),
    mirror: registryMirror === '' ? undefined : parseMirror(registryMirror),
    rollout: { provisionTimeoutMs: PROVISION_TIMEOUT_MS, startTimeoutMs: timings.startTimeoutMs },
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    patienceMs: PATIENCE_MS,
    clock,
  });
}
