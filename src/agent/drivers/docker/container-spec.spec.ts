import { expect, it } from 'vitest';
import { containerOf, type ContainerPlan } from './container-spec.js';
import { dockerSettingsOf } from './docker-settings.js';
import { readMarks } from './marks.js';

const pinned = `registry.test/team/plugin-a@sha256:${'a'.repeat(64)}`;

const plan = (more: Partial<ContainerPlan> = {}, container: ContainerPlan['spec']['container'] = { image: 'x' }) =>
  containerOf({
    spec: {
      plugin_id: 'plugin-a',
      version: '1.2.3',
      launch_id: 'launch-1',
      incarnation: 4,
      domain_id: 'domain-1',
      resource_type: 'monitoring.Webhook',
      container,
    },
    agentId: 'agent-1',
    supervisorName: 'edge',
    settings: dockerSettingsOf({}),
    image: 'registry.test/team/plugin-a:1.2.3',
    pinned,
    published: { host: '127.0.0.1', port: 20_000 },
    endpoint: 'grpc://127.0.0.1:20000',
    ...more,
  });

it('gives a plugin no right that it does not need', () => {
  expect(plan()).toMatchObject({
    Image: pinned,
    User: '65532:65532',
    HostConfig: {
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      Tmpfs: { '/tmp': expect.stringMatching(/noexec.*size=\d+/) as string },
      RestartPolicy: { Name: 'no' },
      Memory: 512 * 2 ** 20,
      MemorySwap: 512 * 2 ** 20,
      PidsLimit: 512,
      PortBindings: { '50051/tcp': [{ HostIp: '127.0.0.1', HostPort: '20000' }] },
    },
  });
});

it('carries the marks by which this agent, and other supervisors, find it again', () => {
  const { Labels } = plan();
  expect(Labels).toEqual({
    'berth.agent': 'agent-1',
    'berth.launch': 'launch-1',
    'berth.incarnation': '4',
    'berth.image': pinned,
    'spaceone.supervisor.name': 'edge',
    'spaceone.supervisor.plugin_id': 'plugin-a',
    'spaceone.supervisor.domain_id': 'domain-1',
    'spaceone.supervisor.plugin.image': 'registry.test/team/plugin-a:1.2.3',
    'spaceone.supervisor.plugin.version': '1.2.3',
    'spaceone.supervisor.plugin.resource_type': 'monitoring.Webhook',
    'spaceone.supervisor.plugin.endpoint': 'grpc://127.0.0.1:20000',
  });
  expect(readMarks(Labels)).toEqual({ launch_id: 'launch-1', plugin_id: 'plugin-a', version: '1.2.3', incarnation: 4 });
  expect(readMarks({ ...Labels, 'berth.launch': '' })).toBeUndefined();
});

it('takes the limits of the catalog before those of the agent, and 0 as none', () => {
  const limits = { memory_bytes: 2 ** 20 * 64, cpu_millis: 250, pids: 7 };
  expect(plan({}, { image: 'x', limits }).HostConfig).toMatchObject({
    Memory: 2 ** 20 * 64,
    NanoCpus: 250_000_000,
    PidsLimit: 7,
  });
  const none = plan({ settings: dockerSettingsOf({ memoryBytes: 0, pids: 0 }) }).HostConfig;
  expect(none).not.toHaveProperty('Memory');
  expect(none).not.toHaveProperty('NanoCpus');
  expect(none.PidsLimit).toBe(-1);
});

it('lets the catalog set variables, but not where the plugin listens', () => {
  const { Env } = plan({}, { image: 'x', env: { COLOR: 'blue', PORT: '1', HOST: 'elsewhere' } });
  expect(Env).toEqual(['COLOR=blue', 'PORT=50051', 'HOST=0.0.0.0']);
});

it('publishes nothing where its network is enough, and leaves the user to the image where it was told so', () => {
  const settings = dockerSettingsOf({ network: 'plugins', address: 'container', user: 0 });
  const body = plan({ settings, published: undefined });
  expect(body.HostConfig).toMatchObject({ NetworkMode: 'plugins', PortBindings: {} });
  expect(body).not.toHaveProperty('User');
});
