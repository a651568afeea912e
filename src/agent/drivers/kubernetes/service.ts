import type { V1OwnerReference, V1Secret, V1Service } from '@kubernetes/client-node';
import { parseImage } from '../../../registry/image-reference.js';
import type { KubeMeta } from './objects.js';
import { annotationsOf, labelsOf, LAUNCH_LABEL, nameOf, PLUGIN_PORT, type Workload } from './workload.js';

/**
 * The Service of a launch. It is made first and goes last, and the others belong to it: whatever becomes of the agent,
 * nothing stays behind that it cannot find again.
 */
export function serviceOf(workload: Workload): V1Service {
  const { namespace, settings } = workload;
  const labels = labelsOf(workload);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: nameOf(workload), namespace, labels, annotations: annotationsOf(workload) },
    spec: {
      ...(settings.headless && { clusterIP: 'None' }),
      selector: { [LAUNCH_LABEL]: labels[LAUNCH_LABEL] ?? '' },
      ports: [
        { name: 'grpc', port: PLUGIN_PORT, targetPort: PLUGIN_PORT, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
      ],
    },
  };
}

/** That an object goes when the Service goes. */
export function ownedBy({ name, uid = '' }: KubeMeta): V1OwnerReference {
  return { apiVersion: 'v1', kind: 'Service', name, uid };
}

/** What nodes pull the image with; undefined where the registry wants nothing. */
export function pullSecretOf(workload: Workload, owner: V1OwnerReference): V1Secret | undefined {
  const { login, image, namespace } = workload;
  if (login === undefined) return undefined;
  const { registry } = parseImage(image);
  const { username, password } = login;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  // The name that Docker Hub has in the files of `docker login`, which nodes read this as.
  const host = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
  const config = JSON.stringify({ auths: { [host]: { username, password, auth } } });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: nameOf(workload), namespace, labels: labelsOf(workload), ownerReferences: [owner] },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  };
}
