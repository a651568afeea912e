import type { Replica } from '../driver.js';
import type { Deployment, EndpointSlice, Pod } from './objects.js';
import { podState } from './pod-state.js';
import { PLUGIN_PORT } from './workload.js';

/** The objects of one launch that tell what becomes of it. */
export interface LaunchObjects {
  readonly deployment?: Deployment;
  readonly pods: readonly Pod[];
  readonly slices: readonly EndpointSlice[];
}

/** Where callers find a launch. */
export interface ServiceAddress {
  /** The Service's name within the cluster. */
  readonly host: string;
  /** Its virtual address; undefined where it is headless, and callers are given that of each Pod. */
  readonly clusterIP?: string;
}

export type LaunchState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'starting'; readonly reason: string; readonly running: boolean }
  | { readonly kind: 'ready'; readonly replicas: readonly Replica[] }
  | { readonly kind: 'stuck'; readonly reason: string; readonly recoverable: boolean }
  | { readonly kind: 'ended'; readonly reason: string; readonly blameless: boolean };

/**
 * What has become of a launch. It is ready when the Deployment's controller has seen what is wanted, has made Pods of it,
 * at least one of them is available, and the Service knows its address. It has ended when none is ready and all have
 * ended; as long as one serves, Kubernetes brings back the others.
 */
export function launchState(objects: LaunchObjects, address: ServiceAddress): LaunchState {
  const { deployment } = objects;
  if (!deployment || deployment.metadata.deletionTimestamp !== undefined) return { kind: 'absent' };
  const pods = objects.pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const states = pods.map(podState);
  const replicas = replicasOf(objects.slices, address);
  if (isRolledOut(deployment) && replicas.length > 0) return { kind: 'ready', replicas };
  const of = (...kinds: readonly string[]) => states.filter(({ kind }) => kinds.includes(kind));
  const reason = [...new Set(of('ended', 'stuck', 'waiting').map((state) => state.reason))].join('; ');
  if (states.length > 0 && of('ended').length === states.length) {
    return { kind: 'ended', reason, blameless: states.every(({ blameless }) => blameless) };
  }
  if (states.length > 0 && of('ended', 'stuck').length === states.length) {
    return { kind: 'stuck', reason, recoverable: of('stuck').every(({ recoverable }) => recoverable) };
  }
  const refused = deployment.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (states.length === 0 && refused) {
    const { reason: word = 'FailedCreate', message = '' } = refused;
    return { kind: 'stuck', reason: `${word}: ${message}`, recoverable: /exceeded quota/.test(message) };
  }
  const running = pods.some(({ status }) =>
    status?.containerStatuses?.some(({ state }) => state?.running !== undefined),
  );
  const unknown = of('ready').length > 0 ? 'its Service does not know its Pods yet' : 'its Pods are being created';
  return { kind: 'starting', reason: reason || unknown, running };
}

function isRolledOut({ metadata, status = {} }: Deployment): boolean {
  const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return observedGeneration >= (metadata.generation ?? 0) && updatedReplicas > 0 && availableReplicas > 0;
}

/** What is ready by the Service's own account, in an order that does not change by itself. */
function replicasOf(slices: readonly EndpointSlice[], { host, clusterIP }: ServiceAddress): Replica[] {
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  // Without a word about it, an endpoint is ready.
  const ready = endpoints.filter(
    ({ conditions = {} }) => conditions.ready !== false && conditions.terminating !== true,
  );
  if (ready.length === 0) return [];
  if (clusterIP !== undefined)
    return [{ endpoint: `grpc://${host}:${PLUGIN_PORT}`, host: clusterIP, port: PLUGIN_PORT }];
  const addresses = [
    ...new Set(ready.flatMap(({ addresses: [first] }) => (first === undefined ? [] : [first]))),
  ].sort();
  return addresses.map((address) => {
    const named = address.includes(':') ? `[${address}]` : address;
    return { endpoint: `grpc://${named}:${PLUGIN_PORT}`, host: address, port: PLUGIN_PORT };
  });
}
