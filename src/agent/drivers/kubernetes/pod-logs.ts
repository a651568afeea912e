import { outputEnd } from '../../output-end.js';
import { KubeError } from './kube-error.js';
import type { KubeClient } from './kube-client.js';
import type { Pod } from './objects.js';
import { CONTAINER_NAME } from './workload.js';

/** More than fits is not asked for: nodes can limit the beginning of an output, and only count lines from its end. */
const LINES = 500;

/**
 * The end of what a launch has printed: where one of its containers was started again, what it printed before that.
 *
 * @param maxBytes of the answer
 * @throws KubeError
 */
export async function podLogs(client: KubeClient, labelSelector: string, maxBytes: number): Promise<string> {
  const { items } = await client.list<Pod>('Pod', { labelSelector });
  const crashed = items.find((pod) => restarts(pod) > 0);
  const pod = crashed ?? items.find(({ status }) => status?.containerStatuses?.length) ?? items[0];
  if (!pod) return '';
  const read = (previous: boolean): Promise<string> =>
    client.http.text({
      method: 'GET',
      path: client.path('Pod', pod.metadata.name, 'log'),
      query: { container: CONTAINER_NAME, tailLines: LINES, previous },
    });
  const text = await read(crashed !== undefined).catch((error: unknown) => {
    // The output of the run before may be gone already.
    if (error instanceof KubeError && crashed) return read(false);
    throw error;
  });
  return outputEnd(Buffer.from(text), maxBytes);
}

const restarts = ({ status }: Pod): number =>
  Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount));
