import { afterEach, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { processAt } from '../support/processes.js';
import { ServerProcess } from '../support/server-process.js';

const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-a' };

let server: ServerProcess;
afterEach(() => server.stop());

const rowsOf = async (method: string) => (await server.call.ok('grpc', method, { domain_id: 'domain-a' }))['results'];

it('finds everything again after kill -9 during traffic, and redeploys nothing', async () => {
  server = await ServerProcess.start();
  const { directory } = server;
  const versions = ['1.2.1', '1.2.2'];
  const ask = (version: string) => server.call.ok('grpc', 'get_plugin_endpoint', { ...request, version });
  const before = await Promise.all(versions.map(ask));
  const pids = before.map(({ endpoint }) => processAt(String(endpoint)));
  const [plugins, supervisors] = [await rowsOf('list_plugins'), (await rowsOf('list')) as { supervisor_id: string }[]];
  const traffic = Array.from({ length: 200 }, (_, n) =>
    server.call.send(transports[n % 2] ?? 'grpc', 'get_plugin_endpoint', request).catch(() => undefined),
  );
  await traffic[50];
  await server.kill('SIGKILL');
  await Promise.all(traffic);

  server = await ServerProcess.start({ directory });
  expect(await Promise.all(versions.map(ask))).toEqual(before);
  expect(before.map(({ endpoint }) => processAt(String(endpoint)))).toEqual(pids);
  for (const { endpoint } of before) expect(await healthOf(String(endpoint))).toBe('SERVING');
  expect(await rowsOf('list_plugins')).toEqual(plugins);
  expect(((await rowsOf('list')) as { supervisor_id: string }[]).map(({ supervisor_id }) => supervisor_id)).toEqual(
    supervisors.map(({ supervisor_id }) => supervisor_id),
  );
});

it('keeps an acknowledged failure report over kill -9 right after it', async () => {
  server = await ServerProcess.start();
  const { directory } = server;
  const { endpoint } = await server.call.ok('grpc', 'get_plugin_endpoint', request);
  const [{ supervisor_id } = {}] = (await rowsOf('list_plugins')) as { supervisor_id?: string }[];
  await server.call.ok('grpc', 'notify_failure', { ...request, supervisor_id });
  await server.kill('SIGKILL');

  server = await ServerProcess.start({ directory });
  const after = await server.call.ok('grpc', 'get_plugin_endpoint', request);
  expect(after['endpoint']).not.toBe(endpoint);
  expect(await healthOf(String(after['endpoint']))).toBe('SERVING');
});

it('deploys again what was stopped in good order, and hands out nothing dead meanwhile', async () => {
  server = await ServerProcess.start();
  const { directory } = server;
  const { endpoint } = await server.call.ok('grpc', 'get_plugin_endpoint', request);
  await server.kill('SIGTERM');
  expect(await healthOf(String(endpoint))).not.toBe('SERVING');

  server = await ServerProcess.start({ directory });
  const after = await server.call.ok('grpc', 'get_plugin_endpoint', request);
  expect(await healthOf(String(after['endpoint']))).toBe('SERVING');
});

it('gives those who wait their answers before it stops, and takes nobody else who would have to wait', async () => {
  const command = ['node', 'dist/examples/plugins/plugin-misbehaving/main.js'];
  const plugin = (plugin_id: string) => ({
    plugin_id,
    resource_type: 'monitoring.Webhook',
    versions: [{ version: '1.0.0', process: { command, env: { MISBEHAVE_START_DELAY_MS: '1500' } } }],
  });
  server = await ServerProcess.start({ catalog: { plugins: [plugin('plugin-slow'), plugin('plugin-late')] } });
  const wish = { plugin_id: 'plugin-slow', version: '1.0.0', domain_id: 'domain-a' };
  const waiting = transports.map((transport) => server.call.send(transport, 'get_plugin_endpoint', wish));
  await eventually(async () => expect(await rowsOf('list_plugins')).toMatchObject([{ state: 'PROVISIONING' }]));
  server.child.kill('SIGTERM');
  await eventually(async () =>
    expect(
      await server.call.send('grpc', 'get_plugin_endpoint', { ...wish, plugin_id: 'plugin-late' }),
    ).not.toHaveProperty('body'),
  );
  for (const answer of await Promise.all(waiting)) {
    expect(answer.body).toMatchObject({ endpoint: expect.stringMatching(/^grpc:/) as string });
  }
  expect(await server.kill('SIGTERM')).toBe(0);
});
