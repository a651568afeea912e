import { randomBytes } from 'node:crypto';
import type { Kubelet } from './kubelet.js';
import { type Change, type ObjectStore, type Stored, timestamp } from './object-store.js';

interface PodStatus {
  readonly podIP?: string;
  readonly containerStatuses?: readonly { readonly ready?: boolean }[];
}

/** What turns Deployments into Pods, and ready Pods into EndpointSlices; and what removes the children of the deleted. */
export class Controllers {
  /** Deployments stay as they are, as when the controller manager is down. */
  paused = false;
  /** Why no Pod may be created: a quota, or a policy. */
  forbidden = '';

  constructor(
    private readonly store: ObjectStore,
    private readonly kubelet: Kubelet,
  ) {
    store.listen((change) => setImmediate(() => this.react(change)));
  }

  /** As the API server begins a deletion. */
  delete(object: Stored, graceSeconds?: number): void {
    const { kind, metadata } = object;
    if (kind !== 'Pod') return this.store.remove(kind, metadata.name);
    const own = object.spec?.['terminationGracePeriodSeconds'] as number | undefined;
    const seconds = graceSeconds ?? own ?? 30;
    this.store.put('Pod', metadata.name, {
      metadata: { deletionTimestamp: timestamp(), deletionGracePeriodSeconds: seconds },
    });
    this.kubelet.delete(metadata.name, seconds);
  }

  /** Gives a new Service its address, unless it wants none. */
  admit(kind: string, object: object): object {
    const { spec = {} } = object as Stored;
    return kind === 'Service' ? { ...object, spec: { clusterIP: this.kubelet.address(), ...spec } } : object;
  }

  private react({ type, object }: Change): void {
    if (type === 'DELETED') this.collect(object);
    const owner = object.metadata.labels?.['berth/launch'];
    if (owner === undefined || this.paused) return;
    for (const deployment of this.store.list('Deployment', `berth/launch=${owner}`)) this.reconcile(deployment);
    for (const service of this.store.list('Service', `berth/launch=${owner}`)) this.publish(service);
  }

  /** Children go with their owner. */
  private collect({ metadata }: Stored): void {
    for (const kind of ['Deployment', 'Secret', 'Pod', 'EndpointSlice']) {
      for (const child of this.store.list(kind)) {
        if (child.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid)) this.delete(child);
      }
    }
  }

  private reconcile({ metadata, spec = {} }: Stored): void {
    const wanted = (spec['replicas'] as number | undefined) ?? 1;
    const pods = this.podsOf(metadata.uid);
    const live = pods.filter((pod) => !pod.metadata.deletionTimestamp);
    const missing = this.forbidden === '' ? wanted - live.length : 0;
    for (let index = 0; index < missing; index += 1) this.create(metadata, spec);
    for (const pod of live.slice(wanted)) this.delete(pod);
    const ready = live.filter(isReady).length;
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: this.forbidden };
    this.store.put('Deployment', metadata.name, {
      status: {
        observedGeneration: metadata.generation,
        updatedReplicas: live.length,
        availableReplicas: ready,
        conditions: this.forbidden === '' ? [] : [failure],
      },
    });
  }

  private create({ name, uid }: Stored['metadata'], spec: Record<string, unknown>): void {
    const template = spec['template'] as { metadata: object; spec: object };
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid }];
    const pod = this.store.put('Pod', `${name}-${randomBytes(3).toString('hex')}`, {
      metadata: { ...template.metadata, ownerReferences },
      spec: template.spec,
      status: { phase: 'Pending' },
    });
    this.kubelet.run(pod);
  }

  private publish({ metadata }: Stored): void {
    const pods = this.store.list('Pod', `berth/launch=${metadata.labels?.['berth/launch']}`);
    const endpoints = pods.flatMap((pod) => {
      const { podIP } = (pod.status ?? {}) as PodStatus;
      if (podIP === undefined) return [];
      const terminating = pod.metadata.deletionTimestamp !== undefined;
      const conditions = { ready: isReady(pod) && !terminating, serving: isReady(pod), terminating };
      return [{ addresses: [podIP], conditions, targetRef: { kind: 'Pod', name: pod.metadata.name } }];
    });
    this.store.put('EndpointSlice', `${metadata.name}-slice`, {
      addressType: 'IPv4',
      metadata: {
        labels: { ...metadata.labels, 'kubernetes.io/service-name': metadata.name },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: metadata.name, uid: metadata.uid }],
      },
      ports: [{ name: 'grpc', port: 50_051 }],
      endpoints,
    });
  }

  private podsOf(uid: string): Stored[] {
    return this.store
      .list('Pod')
      .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  }
}

const isReady = ({ status = {} }: Stored): boolean =>
  ((status as PodStatus).containerStatuses ?? []).some(({ ready }) => ready === true);
