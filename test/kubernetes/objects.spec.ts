import type { V1Deployment, V1PodSpec } from '@kubernetes/client-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploymentOf } from '../../src/agent/drivers/kubernetes/deployment.js';
import { labelValue } from '../../src/agent/drivers/kubernetes/names.js';
import { objectName } from '../../src/agent/drivers/object-name.js';
import { ownedBy, pullSecretOf, serviceOf } from '../../src/agent/drivers/kubernetes/service.js';
import { KubernetesSettings } from '../../src/agent/drivers/kubernetes/settings.js';
import { readMarks, type Workload } from '../../src/agent/drivers/kubernetes/workload.js';
import { restrictedErrors } from './restricted-profile.js';
import { schemaErrors } from './schema.js';

const timings = { stopGraceMs: 10_000, startTimeoutMs: 60_000 };
const owner = ownedBy({ name: 'x', uid: '00000000-0000-0000-0000-000000000001' });

const workloadOf = (settings: object = {}, more: Partial<Workload> = {}): Workload => {
  const spec = {
    plugin_id: 'plugin-aws-sns-mon-webhook',
    version: '1.2.2',
    launch_id: '4b4e6f0a-2d0b-4a58-9d4a-0d5b1f6c7a10',
    incarnation: 3,
    domain_id: 'domain-1',
    resource_type: 'monitoring.Webhook',
  };
  return {
    spec,
    agentId: 'agent-1',
    supervisorName: 'root',
    namespace: 'plugins',
    image: 'docker.io/cloudforet/plugin-aws-sns-mon-webhook:1.2.2',
    env: { LOG_LEVEL: 'info' },
    settings: new KubernetesSettings(settings, timings).of(spec),
    ...more,
  };
};

const podOf = ({ spec }: V1Deployment): V1PodSpec => spec?.template.spec as V1PodSpec;

const everything = {
  replicas: 3,
  headless: true,
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '1Gi' } },
  node_selector: { 'kubernetes.io/arch': 'amd64' },
  tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'plugins', effect: 'NoSchedule' }],
  image_pull_secrets: ['registry'],
  env: { HTTPS_PROXY: 'http://proxy.example:3128', RETRIES: 3 },
  volumes: [{ name: 'ca', configMap: { name: 'company-ca' } }],
  volume_mounts: [{ name: 'ca', mountPath: '/etc/ssl/company', readOnly: true }],
  pod_annotations: { 'prometheus.io/scrape': false },
  service_account: 'plugins',
  priority_class: 'low',
  probe: 'tcp',
  run_as_user: 1_000,
  tmp_size: '1Gi',
};

describe('the objects of a launch', () => {
  it.each([
    ['by default', {}],
    ['with every setting', everything],
  ])('are what the API has a schema for, within the restricted profile, %s', (_, settings) => {
    const workload = workloadOf(settings, { login: { username: 'robot', password: 'secret' } });
    const deployment = deploymentOf(workload, owner);
    const objects = [serviceOf(workload), pullSecretOf(workload, owner), deployment];
    expect(objects.flatMap(schemaErrors)).toEqual([]);
    expect(restrictedErrors(podOf(deployment))).toEqual([]);
  });

  it('carry the marks that other tools look for', () => {
    const workload = workloadOf();
    const { metadata } = serviceOf(workload);
    expect(metadata?.labels).toMatchObject({
      supervisor_name: 'root',
      plugin_id: 'plugin-aws-sns-mon-webhook',
      domain_id: 'domain-1',
      version: '1.2.2',
      resource_type: 'monitoring.Webhook',
    });
    expect(metadata?.annotations).toMatchObject({
      'spaceone.supervisor.name': 'root',
      'spaceone.supervisor.plugin_id': 'plugin-aws-sns-mon-webhook',
      'spaceone.supervisor.domain_id': 'domain-1',
      'spaceone.supervisor.plugin.image': 'docker.io/cloudforet/plugin-aws-sns-mon-webhook:1.2.2',
      'spaceone.supervisor.plugin.version': '1.2.2',
      'spaceone.supervisor.plugin.resource_type': 'monitoring.Webhook',
      'spaceone.supervisor.plugin.endpoint': `grpc://${metadata?.name}.plugins.svc.cluster.local:50051`,
    });
    expect(readMarks({ name: '', annotations: metadata?.annotations })).toEqual({
      launch_id: workload.spec.launch_id,
      plugin_id: 'plugin-aws-sns-mon-webhook',
      version: '1.2.2',
      incarnation: 3,
      resource_type: 'monitoring.Webhook',
      replicas: 1,
    });
  });

  it('are selected by the launch alone, and go with the Service', () => {
    const workload = workloadOf();
    const deployment = deploymentOf(workload, owner);
    const selector = { 'berth/launch': workload.spec.launch_id };
    expect(deployment.spec?.selector.matchLabels).toEqual(selector);
    expect(serviceOf(workload).spec?.selector).toEqual(selector);
    expect(deployment.spec?.template.metadata?.labels).toMatchObject(selector);
    expect(deployment.metadata?.ownerReferences).toEqual([owner]);
  });

  it('replace a Pod only when the new one serves, and show no token of the cluster', () => {
    const deployment = deploymentOf(workloadOf(), owner);
    expect(deployment.spec?.strategy?.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
    const pod = podOf(deployment);
    const [container] = pod.containers;
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(container?.readinessProbe?.grpc).toEqual({ port: 50_051 });
    expect(container?.livenessProbe?.grpc).toEqual({ port: 50_051 });
    expect(container?.securityContext?.readOnlyRootFilesystem).toBe(true);
  });

  it('let the catalog say more than the settings, and nobody where it listens', () => {
    const env = { RETRIES: '9', PORT: '1' };
    const [container] = podOf(deploymentOf(workloadOf(everything, { env }), owner)).containers;
    const given = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
    expect(given).toEqual({ HTTPS_PROXY: 'http://proxy.example:3128', RETRIES: '9', PORT: '50051', HOST: '0.0.0.0' });
  });

  it.each([
    ['docker.io/cloudforet/p:1.0.0', 'https://index.docker.io/v1/'],
    ['harbor.example.com:8443/team/p:1.0.0', 'harbor.example.com:8443'],
  ])('pull %s with a Secret that names %s', (image, host) => {
    const workload = workloadOf({}, { image, login: { username: 'robot', password: 'pass:word' } });
    const secret = pullSecretOf(workload, owner);
    const config: unknown = JSON.parse(Buffer.from(secret?.data?.['.dockerconfigjson'] ?? '', 'base64').toString());
    const auth = Buffer.from('robot:pass:word').toString('base64');
    expect(config).toEqual({ auths: { [host]: { username: 'robot', password: 'pass:word', auth } } });
    expect(podOf(deploymentOf(workload, owner)).imagePullSecrets).toEqual([{ name: secret?.metadata?.name }]);
    expect(pullSecretOf(workloadOf({}, { image }), owner)).toBeUndefined();
  });
});

describe('names', () => {
  const key = (plugin_id: string, version = '1.0.0') => ({ plugin_id, version });

  it('are readable, and the same each time', () => {
    expect(objectName(key('plugin-a'), 'launch-1')).toBe(objectName(key('plugin-a'), 'launch-1'));
    expect(objectName(key('plugin-a', '1.2.2-rc.1'), 'launch-1')).toMatch(/^plugin-a-1-2-2-rc-1-[0-9a-f]{10}$/);
    expect(objectName(key('plugin-a'), 'launch-1')).not.toBe(objectName(key('plugin-a'), 'launch-2'));
  });

  it('of anything at all are valid, and short enough for what is put behind them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.uuid(), (plugin, version, launch) => {
        const name = objectName(key(plugin, version), launch);
        expect(name).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
        expect(name.length).toBeLessThanOrEqual(46);
      }),
    );
  });

  it('in labels are valid, and differ where the originals do', () => {
    const shape = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.string({ maxLength: 200 }), (a, b) => {
        expect(labelValue(a)).toMatch(shape);
        expect(labelValue(a).length).toBeLessThanOrEqual(63);
        if (a !== b) expect(labelValue(a)).not.toBe(labelValue(b));
      }),
    );
  });
});

describe('the checks themselves', () => {
  it.each<[string, (pod: V1PodSpec) => void]>([
    ['host namespaces', (pod) => (pod.hostNetwork = true)],
    ['volume types: x', (pod) => pod.volumes?.push({ name: 'x', hostPath: { path: '/' } })],
    ['privilege escalation: plugin', ({ containers: [c] }) => delete c?.securityContext?.allowPrivilegeEscalation],
    ['capabilities not dropped: plugin', ({ containers: [c] }) => delete c?.securityContext?.capabilities],
    ['running as non-root: plugin', (pod) => delete pod.securityContext?.runAsNonRoot],
    ['running as user root: plugin', (pod) => (pod.securityContext = { ...pod.securityContext, runAsUser: 0 })],
    ['seccomp: plugin', (pod) => delete pod.securityContext?.seccompProfile],
  ])('see what the restricted profile forbids: %s', (control, spoil) => {
    const pod = podOf(deploymentOf(workloadOf(), owner));
    spoil(pod);
    expect(restrictedErrors(pod)).toEqual([control]);
  });

  it('see what the schema forbids', () => {
    const deployment = deploymentOf(workloadOf(), owner);
    const template = { ...deployment.spec?.template, spec: { ...podOf(deployment), containerz: [] } };
    expect(schemaErrors({ ...deployment, spec: { ...deployment.spec, template } })).toEqual([
      'Deployment.spec.template.spec.containerz: unknown field',
    ]);
    expect(schemaErrors({ ...deployment, spec: { ...deployment.spec, replicas: 'three' } })[0]).toContain('replicas');
    expect(schemaErrors({ ...deployment, spec: { replicas: 1 } }).join()).toContain('selector');
  });
});
