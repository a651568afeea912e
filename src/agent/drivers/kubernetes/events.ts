import { KubeError } from './kube-error.js';
import type { KubeClient } from './kube-client.js';
import type { KubeEvent, Pod } from './objects.js';

/** So many Pods of a launch are asked about, and so many of their events are told. */
const MAX_PODS = 3;
const MAX_EVENTS = 2;

/**
 * What Kubernetes has noted about the Pods: `FailedScheduling: 0/3 nodes are available: …`, newest first.
 *
 * @returns nothing where there is nothing, or events may not be read
 */
export async function warningsAbout(client: KubeClient, pods: readonly Pod[]): Promise<string[]> {
  const lists = await Promise.all(
    pods.slice(0, MAX_PODS).map(async ({ metadata }) => {
      const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${metadata.name}`;
      try {
        return (await client.list<KubeEvent>('Event', { fieldSelector })).items;
      } catch (error) {
        if (error instanceof KubeError) return [];
        throw error;
      }
    }),
  );
  const warnings = lists.flat().filter(({ type }) => type === 'Warning');
  warnings.sort((a, b) => timeOf(b).localeCompare(timeOf(a)));
  return [...new Set(warnings.map(({ reason = '', message = '' }) => `${reason}: ${message}`))].slice(0, MAX_EVENTS);
}

const timeOf = ({ lastTimestamp, eventTime }: KubeEvent): string => lastTimestamp ?? eventTime ?? '';
