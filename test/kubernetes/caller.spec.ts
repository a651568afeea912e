import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { ServerProcess } from '../support/server-process.js';
import { TestCluster } from './test-cluster.js';

const version = '1.0.0';
const domain_id = 'domain-1';

let cluster: TestCluster;
let server: ServerProcess;

beforeAll(async () => {
  Logger.overrideLogger(false);
  cluster = await TestCluster.open();
  const plugin = (plugin_id: string, image: string, env = {}) => ({
    plugin_id,
    resource_type: 'monitoring.Webhook',
    registry_url: 'registry.test',
    image,
    versions: [{ version, container: { env } }],
  });
  server = await ServerProcess.start({
    env: { BERTH_AGENT_DRIVER: 'kubernetes', BERTH_AGENT_KUBECONFIG: cluster.kubeconfig },
    catalog: {
      plugins: [
        plugin('fine', 'plugin-a'),
        plugin('killed', 'plugin-a'),
        plugin('without-image', 'no-such-plugin'),
        plugin('without-room', 'plugin-a'),
        plugin('crashing', 'plugin-a', { CRASH_AT_START: '1' }),
      ],
    },
  });
});

afterAll(async () => {
  await server?.stop();
  await cluster?.close();
});

beforeEach(() => {
  cluster.kubelet.unschedulable = '';
  cluster.kubelet.pullError = '';
  cluster.kubelet.neverReady = false;
});

const ask = (plugin_id: string, within = 60_000) =>
  server.call.send('grpc', 'get_plugin_endpoint', { plugin_id, version, domain_id }, {}, Date.now() + within);

/** Asks again, for a short time each, until the answer says why there is none. */
const hears = (plugin_id: string, ...reasons: readonly (string | RegExp)[]) =>
  eventually(async () => {
    const { body, message } = await ask(plugin_id, 1_000);
    expect(body).toBeUndefined();
    for (const reason of reasons) expect(message).toMatch(reason);
  }, 60_000);

const podsOf = (plugin_id: string) => cluster.store.list('Pod', `plugin_id=${plugin_id}`);

it('is answered the address of the Service, which serves', async () => {
  const { body } = await ask('fine');
  expect(body?.['endpoint']).toMatch(/^grpc:\/\/.*\.plugins\.svc\.cluster\.local:50051$/);
});

it('hears of an image that cannot be pulled', async () => {
  cluster.kubelet.pullError = 'dial tcp 192.0.2.1:443: i/o timeout';
  await hears('without-image', /(ErrImagePull|ImagePullBackOff).*i\/o timeout/);
});

it('hears that no node has room', async () => {
  cluster.kubelet.unschedulable = '0/3 nodes are available: 3 Insufficient memory.';
  await hears('without-room', 'Unschedulable: 0/3 nodes are available: 3 Insufficient memory.');
});

it('hears of a plugin that ends as soon as it was started', () => hears('crashing', /exited with code 3/, 'boom'));

it('hears that a plugin has used too much memory, while the next one does not come up', async () => {
  const { body } = await ask('killed');
  expect(body).toBeDefined();
  cluster.kubelet.neverReady = true;
  const [pod] = podsOf('killed');
  if (pod === undefined) throw new Error('It has no Pod.');
  cluster.kubelet.kill(pod.metadata.name, 'OOMKilled');
  await hears('killed', 'OOMKilled: it used more memory than its limit');
});
