import type { V1Container, V1PodSpec } from '@kubernetes/client-node';

const VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);
const SECCOMP = new Set(['RuntimeDefault', 'Localhost']);
const APPARMOR = new Set([undefined, 'RuntimeDefault', 'Localhost']);
const SELINUX = new Set([undefined, '', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);

/**
 * What the `restricted` Pod Security profile has against a Pod: each control of the profile, and of `baseline` which it
 * includes, as the Pod Security Standards list them.
 */
export function restrictedErrors(pod: V1PodSpec): string[] {
  const errors: string[] = [];
  const forbid = (holds: unknown, control: string): void => void (holds && errors.push(control));
  const containers = [
    ...pod.containers,
    ...(pod.initContainers ?? []),
    ...(pod.ephemeralContainers ?? []),
  ] as V1Container[];
  const of = pod.securityContext ?? {};

  forbid(pod.hostNetwork || pod.hostPID || pod.hostIPC, 'host namespaces');
  forbid(of.sysctls?.length, 'sysctls');
  for (const { name, ...volume } of pod.volumes ?? []) {
    forbid(!Object.keys(volume).every((type) => VOLUMES.has(type)), `volume types: ${name}`);
  }
  for (const { name, ports = [], securityContext: own = {}, ...container } of containers) {
    const said = (control: string): string => `${control}: ${name}`;
    const { add = [], drop = [] } = own.capabilities ?? {};
    forbid(own.privileged, said('privileged containers'));
    forbid(
      ports.some(({ hostPort = 0 }) => hostPort !== 0),
      said('host ports'),
    );
    const probes = [container.livenessProbe, container.readinessProbe, container.startupProbe];
    const handlers = [...probes, container.lifecycle?.postStart, container.lifecycle?.preStop];
    forbid(
      handlers.some((handler) => handler?.httpGet?.host || handler?.tcpSocket?.host),
      said('host probes'),
    );
    forbid(
      add.some((capability) => capability !== 'NET_BIND_SERVICE'),
      said('capabilities added'),
    );
    forbid(!drop.includes('ALL'), said('capabilities not dropped'));
    forbid(own.allowPrivilegeEscalation !== false, said('privilege escalation'));
    forbid((own.runAsNonRoot ?? of.runAsNonRoot) !== true, said('running as non-root'));
    forbid((own.runAsUser ?? of.runAsUser) === 0, said('running as user root'));
    forbid(!SECCOMP.has((own.seccompProfile ?? of.seccompProfile)?.type ?? ''), said('seccomp'));
    forbid(!APPARMOR.has((own.appArmorProfile ?? of.appArmorProfile)?.type), said('AppArmor'));
    forbid(own.procMount !== undefined && own.procMount !== 'Default', said('/proc mount type'));
    forbid(own.windowsOptions?.hostProcess || of.windowsOptions?.hostProcess, said('HostProcess'));
    for (const options of [own.seLinuxOptions, of.seLinuxOptions]) {
      forbid(options?.user || options?.role || !SELINUX.has(options?.type), said('SELinux'));
    }
  }
  return errors;
}
