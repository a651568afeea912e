import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1PodSpec } from '@kubernetes/client-node';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { KubernetesSettings } from '../../src/agent/drivers/kubernetes/settings.js';
import { FakeClock } from '../../src/agent/fake-clock.js';
import { AGENT_FLAGS } from '../../src/config/agent.flags.js';
import { packageRoot } from '../../src/config/package-root.js';
import { readServerSettings, ServerSettings } from '../../src/config/settings.js';
import { FileCatalog } from '../../src/catalog/file-catalog.js';
import { parseMirror } from '../../src/registry/registry-mirror.js';
import type { ApiRequest } from './api-server.js';
import { restrictedErrors } from './restricted-profile.js';
import { schemaErrors } from './schema.js';
import { launchOf, TestCluster } from './test-cluster.js';

interface Port {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: string;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly data?: Record<string, string>;
  readonly rules?: readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  readonly subjects?: readonly { kind: string; name: string; namespace: string }[];
  readonly spec?: {
    readonly selector?: unknown;
    readonly template?: { readonly spec: V1PodSpec };
    /** Of a Service. */
    readonly ports?: readonly Port[];
    /** Of a NetworkPolicy. */
    readonly ingress?: readonly { readonly ports: readonly Port[] }[];
  };
}

const folder = join(packageRoot, 'deploy/kubernetes');
const { resources } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as { resources: string[] };
const manifests = resources.flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS() as Manifest),
);
const only = (kind: string, name: string): Manifest => {
  const found = manifests.filter(({ metadata, kind: its }) => its === kind && metadata.name === name);
  expect(found, `${kind} ${name}`).toHaveLength(1);
  return found[0] as Manifest;
};
const sets = manifests.filter(({ kind }) => kind === 'StatefulSet');
const podOf = ({ spec }: Manifest) => spec?.template?.spec as V1PodSpec;
const envOf = (set: Manifest) =>
  Object.fromEntries((podOf(set).containers[0]?.env ?? []).map(({ name, value = '' }) => [name, value]));

beforeAll(() => Logger.overrideLogger(false));

it('is what the API server takes, within the restricted profile', () => {
  expect(manifests.flatMap(schemaErrors)).toEqual([]);
  expect(sets.flatMap((set) => restrictedErrors(podOf(set)))).toEqual([]);
  for (const { metadata } of manifests.filter(({ kind }) => kind === 'Namespace')) {
    expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  }
});

it('names nothing that there is not', () => {
  const namespaces = manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  for (const { kind, metadata } of manifests)
    if (kind !== 'Namespace') expect(namespaces).toContain(metadata.namespace);
  for (const set of sets) {
    const pod = podOf(set);
    only('ServiceAccount', pod.serviceAccountName ?? '');
    for (const { configMap } of pod.volumes ?? []) if (configMap) only('ConfigMap', configMap.name ?? '');
  }
  const [subject] = only('RoleBinding', 'berth-agent').subjects ?? [];
  expect(subject).toEqual({ kind: 'ServiceAccount', name: 'berth-agent', namespace: 'berth' });
  expect(envOf(only('StatefulSet', 'berth-agent'))['BERTH_AGENT_SERVER']).toBe('berth.berth.svc:50051');
  only('Service', 'berth');
});

it('sets only what can be set, to what it can be', () => {
  const server = envOf(only('StatefulSet', 'berth'));
  const known = [...Object.keys(new ServerSettings()), 'auth'].map((name) => `BERTH_${name.toUpperCase()}`);
  expect(known).toEqual(expect.arrayContaining(Object.keys(server)));
  expect(readServerSettings(server)).toMatchObject({ host: '0.0.0.0', agent: 'none' });
  for (const [name, value] of Object.entries(envOf(only('StatefulSet', 'berth-agent')))) {
    const flag = AGENT_FLAGS.find(({ variable }) => variable === name);
    expect(flag, name).toBeDefined();
    expect(() => flag?.parse([value]), name).not.toThrow();
  }
  const settings = parse(only('ConfigMap', 'berth-agent').data?.['kubernetes.yaml'] ?? '') as unknown;
  const collectors = new KubernetesSettings(settings, { stopGraceMs: 1_000, startTimeoutMs: 1_000 }).of({
    resource_type: 'inventory.Collector',
    plugin_id: 'any',
  });
  expect(collectors.replicas).toBe(2);
});

it('opens every port of the server, and no other', () => {
  const set = only('StatefulSet', 'berth');
  const { grpc_port, repository_port = 0, http_port } = readServerSettings(envOf(set));
  const ports = { grpc: grpc_port, repository: repository_port, http: http_port };
  const container = podOf(set).containers[0]?.ports ?? [];
  expect(Object.fromEntries(container.map(({ name, containerPort }) => [name, containerPort]))).toEqual(ports);
  const service = only('Service', 'berth').spec?.ports ?? [];
  expect(Object.fromEntries(service.map(({ targetPort, port }) => [targetPort, port]))).toEqual(ports);
  const admitted = only('NetworkPolicy', 'berth').spec?.ingress?.flatMap((rule) => rule.ports) ?? [];
  expect(admitted.map(({ port }) => port)).toEqual(Object.values(ports));
  const exposed = /^EXPOSE (.*)$/m.exec(readFileSync(join(packageRoot, 'deploy/Dockerfile'), 'utf8'))?.[1];
  expect(exposed?.split(' ').map(Number)).toEqual(Object.values(ports));
});

it('has a catalog that can be read', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-manifests-'));
  try {
    const path = join(directory, 'catalog.yaml');
    writeFileSync(path, only('ConfigMap', 'berth-catalog').data?.['catalog.yaml'] ?? '');
    const catalog = new FileCatalog(path);
    const plugin = await catalog.find('plugin-aws-sns-mon-webhook');
    expect(plugin?.versions.map(({ version }) => version)).toEqual(['1.2.2']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

let cluster: TestCluster;
beforeAll(async () => void (cluster = await TestCluster.open()));
afterAll(() => cluster.close());

it('gives the agent the rights that it uses, and no others', async () => {
  const mirror = parseMirror('https://robot:secret@mirror.test/{registry}');
  const clock = new FakeClock();
  const driver = await cluster.driver({}, { mirror, clock });
  const never = new AbortController().signal;
  const spec = launchOf();
  const running = await driver.start(spec, await driver.prepare(spec), never);
  await driver.logs(running.data, 100);
  await driver.inspect(spec.launch_id, running.data);
  await driver.list();
  cluster.kubelet.unschedulable = 'no node has room';
  const stuck = launchOf();
  const reasons: string[] = [];
  const failed = driver.start(stuck, await driver.prepare(stuck), never, (reason) => reasons.push(reason));
  let over = false;
  void failed.catch(() => (over = true));
  await expect.poll(() => reasons.join()).toContain('no node has room');
  while (!over) await clock.advance(10_000);
  await expect(failed).rejects.toThrow('no node has room');
  // Its Pod must outlive its Deployment, or there is nothing left to be asked to go.
  for (const pid of await cluster.processes(spec.launch_id)) process.kill(pid, 'SIGSTOP');
  for (const { launch_id } of [spec, stuck]) await driver.stop(launch_id, running.data, 0);
  const used = new Set(cluster.api.requests.flatMap(rightsFor));
  const given = (only('Role', 'berth-agent').rules ?? []).flatMap(({ apiGroups, resources: names, verbs }) =>
    apiGroups.flatMap((group) => names.flatMap((name) => verbs.map((verb) => `${verb} ${group}/${name}`))),
  );
  expect(given.toSorted()).toEqual([...used].toSorted());
});

const GROUPS: Record<string, string> = {
  Deployment: 'apps/deployments',
  ReplicaSet: 'apps/replicasets',
  Pod: '/pods',
  Service: '/services',
  Secret: '/secrets',
  Event: '/events',
  EndpointSlice: 'discovery.k8s.io/endpointslices',
};

/** What an API server asks its authorizer for a request: applying is patching, and creating where there is nothing yet. */
function rightsFor({ method, kind, name, subresource, query }: ApiRequest): string[] {
  const resource = `${GROUPS[kind]}${subresource === undefined ? '' : `/${subresource}`}`;
  if (method === 'PATCH') return [`patch ${resource}`, ...(query.has('force') ? [`create ${resource}`] : [])];
  if (method === 'DELETE') return [`${name === undefined ? 'deletecollection' : 'delete'} ${resource}`];
  if (name !== undefined) return [`get ${resource}`];
  return [`${query.get('watch') === 'true' ? 'watch' : 'list'} ${resource}`];
}
