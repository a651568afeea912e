import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchSpec } from '../../src/agent/drivers/driver.js';
import {
  KubernetesDriver,
  type KubernetesDriverOptions,
} from '../../src/agent/drivers/kubernetes/kubernetes.driver.js';
import { KubernetesSettings } from '../../src/agent/drivers/kubernetes/settings.js';
import { freePort } from '../support/free-port.js';
import { ApiServer } from './api-server.js';
import { ClusterNetwork } from './cluster-network.js';
import { Controllers } from './controllers.js';
import { Kubelet } from './kubelet.js';
import { ObjectStore, type Stored } from './object-store.js';
import { schemaErrors } from './schema.js';
import { ServiceProxy } from './service-proxy.js';

export const NAMESPACE = 'plugins';

/** A cluster of one node in this process: an API server on HTTP, controllers, and Pods that are processes. */
export class TestCluster {
  readonly store = new ObjectStore();
  readonly api = new ApiServer(this.store, NAMESPACE);
  readonly kubelet: Kubelet;
  readonly controllers: Controllers;
  private readonly proxy = new ServiceProxy(this.store);
  private readonly drivers: KubernetesDriver[] = [];

  private constructor(
    private readonly folder: string,
    private readonly network: ClusterNetwork,
  ) {
    this.kubelet = new Kubelet(this.store, network.prefix);
    this.controllers = new Controllers(this.store, this.kubelet);
  }

  static async open(): Promise<TestCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'berth-kubernetes-'));
    const cluster = new TestCluster(folder, await ClusterNetwork.claim());
    cluster.api.onDelete = (object, seconds) => cluster.controllers.delete(object, seconds);
    cluster.api.invalid = schemaErrors;
    cluster.api.admit = (kind, object) => cluster.controllers.admit(kind, object);
    cluster.api.logsOf = (pod, previous) => cluster.kubelet.logs(pod, previous);
    // One that is still free when the API server comes back.
    await cluster.api.listen(await freePort());
    await cluster.writeKubeconfig();
    return cluster;
  }

  get kubeconfig(): string {
    return join(this.folder, 'kubeconfig');
  }

  async driver(settings: object = {}, more: Partial<KubernetesDriverOptions> = {}): Promise<KubernetesDriver> {
    const driver = await KubernetesDriver.open({
      agentId: 'agent-1',
      supervisorName: 'test',
      kubeconfig: this.kubeconfig,
      settings: new KubernetesSettings(settings, { stopGraceMs: 60_000, startTimeoutMs: 60_000 }),
      rollout: { provisionTimeoutMs: 60_000, startTimeoutMs: 60_000 },
      requestTimeoutMs: 60_000,
      patienceMs: 60_000,
      watchTimings: { watchSeconds: 60, backoffMs: [20, 500] },
      ...more,
    });
    this.drivers.push(driver);
    return driver;
  }

  /** Ids of the processes that the Pods of a launch run. */
  async processes(launchId: string): Promise<number[]> {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const mine = await Promise.all(
      ids.map(async (id) =>
        (await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '')).includes(`KUBE_LAUNCH=${launchId}`),
      ),
    );
    return ids.filter((_, index) => mine[index]).map(Number);
  }

  pods(launchId: string): Stored[] {
    return this.store.list('Pod', `berth/launch=${launchId}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.drivers.map((driver) => driver.close()));
    await this.kubelet.close();
    this.proxy.close();
    await this.api.close();
    this.network.release();
    await rm(this.folder, { recursive: true });
  }

  private async writeKubeconfig(): Promise<void> {
    // The client library takes plain HTTP for a cluster whose certificate nobody checks.
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server: this.api.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'test', user: { token: 'secret-token' } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: NAMESPACE } }],
    };
    await writeFile(this.kubeconfig, JSON.stringify(config));
  }
}

/** A launch of plugin-a@1.0.0 of its own. */
export function launchOf(more: Partial<LaunchSpec> = {}, env: Record<string, string> = {}): LaunchSpec {
  return {
    plugin_id: 'plugin-a',
    version: '1.0.0',
    launch_id: randomUUID(),
    incarnation: 1,
    domain_id: 'domain-1',
    resource_type: 'monitoring.Webhook',
    container: { image: 'registry.test/plugin-a', env },
    ...more,
  };
}
