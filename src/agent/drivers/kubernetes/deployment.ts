import type { V1Container, V1Deployment, V1OwnerReference, V1PodSpec, V1Probe } from '@kubernetes/client-node';
import {
  annotationsOf,
  CONTAINER_NAME,
  labelsOf,
  LAUNCH_LABEL,
  nameOf,
  PLUGIN_PORT,
  type Workload,
} from './workload.js';

/** The Deployment of a launch, within the restricted Pod Security profile. */
export function deploymentOf(workload: Workload, owner: V1OwnerReference): V1Deployment {
  const { namespace, settings } = workload;
  const labels = labelsOf(workload);
  const annotations = annotationsOf(workload);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: nameOf(workload), namespace, labels, annotations, ownerReferences: [owner] },
    spec: {
      replicas: settings.replicas,
      // Nothing is rolled back to: another version is another Deployment.
      revisionHistoryLimit: 0,
      selector: { matchLabels: { [LAUNCH_LABEL]: labels[LAUNCH_LABEL] ?? '' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels, annotations: { ...settings.podAnnotations, ...annotations } },
        spec: podOf(workload),
      },
    },
  };
}

function podOf(workload: Workload): V1PodSpec {
  const { settings, login, spec } = workload;
  const secrets = [...settings.imagePullSecrets, ...(login ? [nameOf(workload)] : [])];
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(settings.serviceAccount && { serviceAccountName: settings.serviceAccount }),
    ...(settings.priorityClass && { priorityClassName: settings.priorityClass }),
    ...(secrets.length > 0 && { imagePullSecrets: secrets.map((name) => ({ name })) }),
    nodeSelector: { ...settings.nodeSelector },
    tolerations: [...settings.tolerations],
    terminationGracePeriodSeconds: settings.stopGraceSeconds,
    securityContext: {
      runAsNonRoot: true,
      ...(settings.runAsUser > 0 && {
        runAsUser: settings.runAsUser,
        runAsGroup: settings.runAsUser,
        fsGroup: settings.runAsUser,
      }),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(settings.replicas > 1 && {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { [LAUNCH_LABEL]: labelsOf(workload)[LAUNCH_LABEL] ?? spec.launch_id } },
        },
      ],
    }),
    containers: [containerOf(workload)],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: settings.tmpSize } }, ...settings.volumes],
  };
}

function containerOf({ image, env, settings }: Workload): V1Container {
  const variables = { ...settings.env, ...env, HOST: '0.0.0.0', PORT: String(PLUGIN_PORT) };
  return {
    name: CONTAINER_NAME,
    image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'grpc', containerPort: PLUGIN_PORT, protocol: 'TCP' }],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    resources: settings.resources,
    // The agent asks too; this is what the Service goes by, and it costs a start at most a second.
    readinessProbe: { ...probeOf(settings.probe), periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 3 },
    livenessProbe: {
      ...probeOf(settings.probe),
      initialDelaySeconds: settings.livenessDelaySeconds,
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...settings.volumeMounts],
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

const probeOf = (probe: 'grpc' | 'tcp'): V1Probe =>
  probe === 'grpc' ? { grpc: { port: PLUGIN_PORT } } : { tcpSocket: { port: PLUGIN_PORT } };
