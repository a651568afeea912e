import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driver-error.js';
import type { ClusterView } from './cluster-view.js';
import type { KubeClient } from './kube-client.js';
import type { Pod } from './objects.js';
import { launchSelector } from './workload.js';

/** What a node is given beyond the grace, before its Pods are struck off the list without its word. */
const NODE_MARGIN_MS = 10_000;
/** A change is noticed at once; this is for the time when the watches are interrupted. */
const TICK_MS = 1_000;

/**
 * Removes everything of a launch: first what would make new Pods, then the Pods, and the Service last, by which all of
 * it could be found again.
 *
 * @throws KubeError
 * @throws DriverError where its Pods are still there when the time is over
 */
export async function tearDown(
  client: KubeClient,
  view: ClusterView,
  agentId: string,
  launchId: string,
  graceMs: number,
): Promise<void> {
  const selector = launchSelector(agentId, launchId);
  await client.deleteAll('Deployment', selector);
  await client.deleteAll('ReplicaSet', selector);
  await untilNoPods(client, view, launchId, selector, graceMs);
  await client.deleteAll('Secret', selector);
  await client.deleteAll('Service', selector);
}

async function untilNoPods(
  client: KubeClient,
  view: ClusterView,
  launchId: string,
  selector: string,
  graceMs: number,
): Promise<void> {
  const begin = Date.now();
  // Nodes count in seconds; with 0 they would not even be asked.
  const grace = Math.max(1, Math.ceil(graceMs / 1_000));
  let wake: () => void = () => undefined;
  const unsubscribe = view.subscribe(launchId, () => wake());
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const { items } = await client.list<Pod>('Pod', { labelSelector: selector });
      if (items.length === 0) return;
      const elapsed = Date.now() - begin;
      if (elapsed > grace * 1_000 + 2 * NODE_MARGIN_MS) {
        const names = items.map(({ metadata }) => metadata.name).join(', ');
        throw new DriverError(`its Pods are still there: ${names}`, true);
      }
      const overdue = elapsed > grace * 1_000 + NODE_MARGIN_MS;
      const asked = items.every(({ metadata }) => metadata.deletionTimestamp !== undefined);
      // One that a ReplicaSet has made meanwhile has not been asked yet.
      if (!asked || overdue || elapsed < TICK_MS) await client.deleteAll('Pod', selector, overdue ? 0 : grace);
      await Promise.race([changed, sleep(TICK_MS)]);
    }
  } finally {
    unsubscribe();
  }
}
