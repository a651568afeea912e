import { afterEach, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { processAt, processesWith } from '../support/processes.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
afterEach(() => server.stop());

const rowsOf = async (method: string, more: object = {}) =>
  (await server.call.ok('grpc', method, { domain_id: 'domain-a', ...more }))['results'] as Record<string, unknown>[];

const pluginProcesses = () => processesWith(`HOME=${server.directory}\0`).filter((pid) => pid !== server.child.pid);

const plugin = (plugin_id: string, program: string, env: Record<string, string> = {}) => ({
  plugin_id,
  resource_type: 'monitoring.Webhook',
  versions: ['1.2.1', '1.2.2'].map((version) => ({
    version,
    process: { command: ['node', `dist/examples/plugins/${program}/main.js`, version], env },
  })),
});

it('finds everything again after kill -9 during traffic, redeploys only what was reported, and all after a good end', async () => {
  const catalog = {
    plugins: ['plugin-kept', 'plugin-reported'].map((id) => plugin(id, 'plugin-aws-sns-mon-webhook')),
  };
  server = await ServerProcess.start({ catalog });
  const { directory } = server;
  const request = { plugin_id: 'plugin-kept', version: '1.2.2', domain_id: 'domain-a' };
  const reported = { ...request, plugin_id: 'plugin-reported' };
  const versions = ['1.2.1', '1.2.2'];
  const ask = (changes: object) => server.call.ok('grpc', 'get_plugin_endpoint', { ...request, ...changes });
  const before = await Promise.all(versions.map((version) => ask({ version })));
  const failed = String((await ask(reported))['endpoint']);
  const pids = before.map(({ endpoint }) => processAt(String(endpoint)));
  const kept = { plugin_id: 'plugin-kept' };
  const [plugins, supervisors] = [await rowsOf('list_plugins', kept), await rowsOf('list')];
  const traffic = Array.from({ length: 200 }, (_, n) =>
    server.call.send(transports[n % 2] ?? 'grpc', 'get_plugin_endpoint', request).catch(() => undefined),
  );
  await traffic[50];
  await server.call.ok('grpc', 'notify_failure', { ...reported, supervisor_id: plugins[0]?.['supervisor_id'] });
  await server.kill('SIGKILL');
  await Promise.all(traffic);

  server = await ServerProcess.start({ directory, catalog });
  expect(await Promise.all(versions.map((version) => ask({ version })))).toEqual(before);
  expect(before.map(({ endpoint }) => processAt(String(endpoint)))).toEqual(pids);
  for (const { endpoint } of before) expect(await healthOf(String(endpoint))).toBe('SERVING');
  expect(await rowsOf('list_plugins', kept)).toEqual(plugins);
  const idsOf = (rows: typeof supervisors) => rows.map(({ supervisor_id }) => supervisor_id);
  expect(idsOf(await rowsOf('list'))).toEqual(idsOf(supervisors));
  // What was acknowledged right before the kill is kept as well.
  const replaced = String((await ask(reported))['endpoint']);
  expect(replaced).not.toBe(failed);
  expect(await healthOf(replaced)).toBe('SERVING');

  expect(await server.kill('SIGTERM')).toBe(0);
  expect(pluginProcesses()).toEqual([]);
  server = await ServerProcess.start({ directory, catalog });
  const after = String((await ask({}))['endpoint']);
  expect(await healthOf(after)).toBe('SERVING');
});

it('gives those who wait their answers before it stops, and takes nobody else who would have to wait', async () => {
  const slow = { MISBEHAVE_START_DELAY_MS: '1500' };
  server = await ServerProcess.start({
    catalog: { plugins: ['plugin-slow', 'plugin-late'].map((id) => plugin(id, 'plugin-misbehaving', slow)) },
  });
  const wish = { plugin_id: 'plugin-slow', version: '1.2.2', domain_id: 'domain-a' };
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
