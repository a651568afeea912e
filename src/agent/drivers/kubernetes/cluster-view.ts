import { Log } from '../../log.js';
import type { Kind, KubeClient } from './kube-client.js';
import type { LaunchObjects } from './launch-state.js';
import type { Deployment, EndpointSlice, KubeObject, Pod } from './objects.js';
import { Reflector, type ReflectorTimings } from './reflector.js';
import { agentSelector, LAUNCH_LABEL } from './workload.js';

const WATCHED = ['Deployment', 'Pod', 'EndpointSlice'] as const satisfies readonly Kind[];
type Watched = (typeof WATCHED)[number];

/** Whatever belongs to this agent in the cluster, kept up to date by three watches however much there is. */
export class ClusterView {
  private readonly reflectors: readonly Reflector<KubeObject>[];
  /** By launch, then by kind and name. */
  private readonly launches = new Map<string, Map<string, KubeObject>>();
  private readonly listeners = new Map<string, Set<() => void>>();

  constructor(client: KubeClient, agentId: string, timings?: ReflectorTimings) {
    const log = new Log('Kubernetes', { namespace: client.namespace });
    this.reflectors = WATCHED.map((kind) => {
      const changed = (object: KubeObject): void => this.changed(kind, object, reflector.items);
      const reflector: Reflector<KubeObject> = new Reflector(
        client,
        kind,
        agentSelector(agentId),
        changed,
        log,
        timings,
      );
      return reflector;
    });
  }

  start(): void {
    for (const reflector of this.reflectors) reflector.start();
  }

  /** Resolves when everything there is was seen once. */
  async whenSynced(): Promise<void> {
    await Promise.all(this.reflectors.map((reflector) => reflector.whenSynced()));
  }

  /** Calls whenever something of the launch has changed, until the returned function is called. */
  subscribe(launchId: string, listener: () => void): () => void {
    const listeners = this.listeners.get(launchId) ?? new Set();
    this.listeners.set(launchId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(launchId);
    };
  }

  /** As far as it is known here; what was made just now may be missing. */
  launch(launchId: string): LaunchObjects {
    const known = [...(this.launches.get(launchId) ?? [])];
    const of = <T>(kind: Watched): T[] =>
      known.filter(([key]) => key.startsWith(`${kind}/`)).map(([, object]) => object as T);
    return {
      deployment: of<Deployment>('Deployment')[0],
      pods: of<Pod>('Pod'),
      slices: of<EndpointSlice>('EndpointSlice'),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.reflectors.map((reflector) => reflector.stop()));
  }

  private changed(kind: Watched, { metadata }: KubeObject, items: ReadonlyMap<string, KubeObject>): void {
    const launchId = metadata.labels?.[LAUNCH_LABEL];
    if (launchId === undefined) return;
    const objects = this.launches.get(launchId) ?? new Map<string, KubeObject>();
    this.launches.set(launchId, objects);
    const current = items.get(metadata.name);
    if (current) objects.set(`${kind}/${metadata.name}`, current);
    else objects.delete(`${kind}/${metadata.name}`);
    if (objects.size === 0) this.launches.delete(launchId);
    for (const listener of this.listeners.get(launchId) ?? []) listener();
  }
}
