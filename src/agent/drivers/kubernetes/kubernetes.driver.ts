import { type Clock, systemClock } from '../../clock.js';
import { Log } from '../../log.js';
import { type ImageSource, locateImage, pullName } from '../../../registry/image-location.js';
import { RegistryClient } from '../../../registry/registry-client.js';
import type { RegistryMirror } from '../../../registry/registry-mirror.js';
import { DriverError } from '../driver-error.js';
import type { Driver, DriverData, Exit, Found, LaunchEvents, LaunchSpec, RunningLaunch } from '../driver.js';
import { objectName } from '../object-name.js';
import { ClusterView } from './cluster-view.js';
import { deploymentOf } from './deployment.js';
import { KubeClient } from './kube-client.js';
import { KubeConnection, type KubeConnectionOptions } from './kube-connection.js';
import { driverErrorOf } from './kube-error.js';
import { KubeHttp } from './kube-http.js';
import { fromDriverData, type KubernetesData, toDriverData } from './launch-data.js';
import { launchState, type ServiceAddress } from './launch-state.js';
import type { Deployment, EndpointSlice, Pod, Service } from './objects.js';
import { podLogs } from './pod-logs.js';
import type { ReflectorTimings } from './reflector.js';
import { type RolloutTimings, untilRolledOut } from './rollout.js';
import { ownedBy, pullSecretOf, serviceOf } from './service.js';
import type { KubernetesSettings } from './settings.js';
import { tearDown } from './tear-down.js';
import { agentSelector, hostOf, launchSelector, readMarks, REPLICAS, type Workload } from './workload.js';

export interface KubernetesDriverOptions extends KubeConnectionOptions {
  /** Marks what belongs to this agent, for as long as its data directory lives. */
  readonly agentId: string;
  readonly supervisorName: string;
  readonly settings: KubernetesSettings;
  readonly mirror?: RegistryMirror;
  readonly rollout: RolloutTimings;
  /** How long one request may take, and how long it is repeated, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly patienceMs: number;
  readonly watchTimings?: ReflectorTimings;
  /** By which a rollout is late. */
  readonly clock?: Clock;
}

/** Runs each launch as a Deployment with a Service of its own; Kubernetes keeps its replicas, the agent its generations. */
export class KubernetesDriver implements Driver {
  readonly name = 'kubernetes';
  readonly overlaps = true;
  private readonly log: Log;
  private readonly registry = new RegistryClient();
  /** Of each launch that is watched: how to stop telling of it. */
  private readonly watches = new Map<string, Set<() => void>>();

  private constructor(
    private readonly options: KubernetesDriverOptions,
    private readonly connection: KubeConnection,
    private readonly client: KubeClient,
    private readonly view: ClusterView,
  ) {
    this.log = new Log('Kubernetes', { namespace: client.namespace });
  }

  /** @throws Error where there are no credentials for a cluster */
  static async open(options: KubernetesDriverOptions): Promise<KubernetesDriver> {
    const connection = await KubeConnection.open(options);
    const { namespace } = connection;
    const http = new KubeHttp(connection, options.requestTimeoutMs);
    const client = new KubeClient(http, { namespace, patienceMs: options.patienceMs });
    const view = new ClusterView(client, options.agentId, options.watchTimings);
    view.start();
    return new KubernetesDriver(options, connection, client, view);
  }

  prepare(spec: LaunchSpec): Promise<DriverData> {
    try {
      const workload = this.workloadOf(spec);
      const { launch_id: launchId } = spec;
      const { namespace } = this.client;
      const data = { name: objectName(spec, launchId), namespace, launchId, host: hostOf(workload) };
      return Promise.resolve(toDriverData(data));
    } catch (error) {
      return Promise.reject(new DriverError((error as Error).message, false, { cause: error }));
    }
  }

  async start(
    spec: LaunchSpec,
    data: DriverData,
    signal: AbortSignal,
    progress: (reason: string) => void = () => undefined,
  ): Promise<RunningLaunch> {
    const known = fromDriverData(data);
    signal.throwIfAborted();
    try {
      const address = await this.deploy(spec, signal);
      const { launch_id: launchId } = spec;
      const placed = toDriverData({ ...known, clusterIP: address.clusterIP ?? '' });
      const rollout = { launchId, address, signal, progress };
      const { rollout: timings, clock = systemClock } = this.options;
      const replicas = await untilRolledOut(this.client, this.view, rollout, timings, clock);
      return { data: placed, replicas };
    } catch (error) {
      signal.throwIfAborted();
      throw driverErrorOf('cannot be started', error);
    }
  }

  async inspect(launchId: string, data: DriverData): Promise<RunningLaunch | undefined> {
    const known = fromDriverData(data);
    const labelSelector = launchSelector(this.options.agentId, launchId);
    try {
      const [service, [deployment], pods, slices] = await Promise.all([
        this.client.get<Service>('Service', known.name),
        this.client.list<Deployment>('Deployment', { labelSelector }).then(({ items }) => items),
        this.client.list<Pod>('Pod', { labelSelector }).then(({ items }) => items),
        this.client.list<EndpointSlice>('EndpointSlice', { labelSelector }).then(({ items }) => items),
      ]);
      const found = { ...known, clusterIP: clusterIPOf(service) };
      const state = launchState({ deployment, pods, slices }, addressOf(found));
      if (!service || !deployment || state.kind === 'absent' || state.kind === 'ended') return undefined;
      await this.scale(deployment);
      return { data: toDriverData(found), replicas: state.kind === 'ready' ? state.replicas : [] };
    } catch (error) {
      throw driverErrorOf('cannot be looked for', error);
    }
  }

  watch(launchId: string, data: DriverData, events: LaunchEvents): () => void {
    const address = addressOf(fromDriverData(data));
    let seen = false;
    let over = false;
    let told = '';
    const exit = (reason: string, blameless = false): void => {
      silence();
      events.exited({ reason, blameless } satisfies Exit);
    };
    const look = (): void => {
      const state = launchState(this.view.launch(launchId), address);
      if (over || (state.kind === 'absent' && !seen)) return;
      seen = true;
      if (state.kind === 'absent') return exit('its Deployment was deleted', true);
      if (state.kind === 'ended') return exit(state.reason, state.blameless);
      if (state.kind === 'stuck') return exit(state.reason);
      const now = state.kind === 'ready' ? JSON.stringify(state.replicas) : told;
      if (state.kind !== 'ready' || now === told) return;
      told = now;
      events.replicas(state.replicas);
    };
    const unsubscribe = this.view.subscribe(launchId, look);
    const silence = (): void => {
      over = true;
      unsubscribe();
      this.watches.get(launchId)?.delete(silence);
    };
    this.watches.set(launchId, (this.watches.get(launchId) ?? new Set()).add(silence));
    const begin = async (): Promise<void> => {
      await this.view.whenSynced();
      look();
      if (over || seen) return;
      // It may be too young for the copy, or gone since before anybody watched.
      const { name } = fromDriverData(data);
      if ((await this.client.get('Deployment', name)) === undefined && !over) exit('its Deployment was deleted', true);
    };
    begin().catch((error: Error) => this.log.warn('cannot look at a launch', error.message, { launch_id: launchId }));
    return silence;
  }

  async stop(launchId: string, _data: DriverData, graceMs: number): Promise<void> {
    for (const silence of this.watches.get(launchId) ?? []) silence();
    this.watches.delete(launchId);
    try {
      await tearDown(this.client, this.view, this.options.agentId, launchId, graceMs);
    } catch (error) {
      throw driverErrorOf('cannot be removed', error);
    }
  }

  async list(): Promise<readonly Found[]> {
    try {
      const labelSelector = agentSelector(this.options.agentId);
      const { items } = await this.client.list<Service>('Service', { labelSelector });
      return items.flatMap((service): Found[] => {
        const marks = readMarks(service.metadata);
        if (!marks) return [];
        const { launch_id, incarnation, plugin_id, version } = marks;
        const { name } = service.metadata;
        const host = hostOf(this.workloadOfMarks({ ...marks, domain_id: '' }));
        const known: KubernetesData = { name, namespace: this.client.namespace, launchId: launch_id, host };
        return [
          {
            launch_id,
            incarnation,
            plugin_id,
            version,
            data: toDriverData({ ...known, clusterIP: clusterIPOf(service) }),
          },
        ];
      });
    } catch (error) {
      throw driverErrorOf('cannot list what runs', error);
    }
  }

  async logs(data: DriverData, maxBytes: number): Promise<string> {
    try {
      const { launchId } = fromDriverData(data);
      return await podLogs(this.client, launchSelector(this.options.agentId, launchId), maxBytes);
    } catch {
      return '';
    }
  }

  async close(): Promise<void> {
    for (const silences of this.watches.values()) for (const silence of silences) silence();
    await this.view.close();
    await this.registry.close();
    this.connection.close();
  }

  /** Makes all objects of the launch what they shall be. @returns where the Service is */
  private async deploy(spec: LaunchSpec, signal: AbortSignal): Promise<ServiceAddress> {
    const { client } = this;
    const login = await this.registry.login(locateImage(this.sourceOf(spec), this.options.mirror));
    const workload: Workload = { ...this.workloadOf(spec), ...(login && { login }) };
    const service = await client.apply<Service>('Service', serviceOf(workload), signal);
    const owner = ownedBy(service.metadata);
    const secret = pullSecretOf(workload, owner);
    if (secret) await client.apply('Secret', secret, signal);
    await client.apply('Deployment', deploymentOf(workload, owner), signal);
    return addressOf({ host: hostOf(workload), clusterIP: clusterIPOf(service) });
  }

  /** Follows settings that were changed while the agent was away. */
  private async scale({ metadata, spec }: Deployment): Promise<void> {
    const marks = readMarks(metadata);
    if (!marks) return;
    const { replicas } = this.options.settings.of(marks);
    // Whoever scales it by hand, or by an autoscaler, is not interfered with.
    if (replicas === marks.replicas || replicas === spec?.replicas) return;
    const patch = { metadata: { annotations: { [REPLICAS]: String(replicas) } }, spec: { replicas } };
    await this.client.merge('Deployment', metadata.name, patch);
    this.log.info('scaled', undefined, { deployment: metadata.name, replicas });
  }

  /** @throws Error naming what is missing or unreadable */
  private workloadOf(spec: LaunchSpec): Workload {
    const image = pullName(this.sourceOf(spec), spec.version, this.options.mirror, spec.container?.digest || undefined);
    return { ...this.workloadOfMarks(spec), image, env: spec.container?.env ?? {} };
  }

  private workloadOfMarks(spec: Workload['spec']): Workload {
    const { agentId, supervisorName, settings } = this.options;
    const { namespace } = this.client;
    return { spec, agentId, supervisorName, namespace, image: '', env: {}, settings: settings.of(spec) };
  }

  private sourceOf({ plugin_id, version, container }: LaunchSpec): ImageSource {
    const { image, registry } = container ?? {};
    if (image) return { image, registryType: registry?.type, registryConfig: registry?.config };
    throw new DriverError(`The catalog names no image. (plugin_id = ${plugin_id}, version = ${version})`, false);
  }
}

const clusterIPOf = (service?: Service): string => {
  const { clusterIP = '' } = service?.spec ?? {};
  return clusterIP === 'None' ? '' : clusterIP;
};

const addressOf = ({ host, clusterIP }: Pick<KubernetesData, 'host' | 'clusterIP'>): ServiceAddress =>
  clusterIP ? { host, clusterIP } : { host };
