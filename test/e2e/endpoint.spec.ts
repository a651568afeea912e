import { afterEach, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { processAt, processesWith } from '../support/processes.js';
import { ServerProcess } from '../support/server-process.js';

const PLUGIN = 'plugin-aws-sns-mon-webhook';
const request = { plugin_id: PLUGIN, version: '1.2.2', domain_id: 'domain-a' };

let server: ServerProcess;
afterEach(() => server.stop());

const endpointOf = async (changes: object = {}) =>
  String((await server.call.ok('grpc', 'get_plugin_endpoint', { ...request, ...changes }))['endpoint']);

const installed = async (domainId = 'domain-a') =>
  (await server.call.ok('grpc', 'list_plugins', { domain_id: domainId }))['results'] as Record<string, unknown>[];

const pluginProcesses = () => processesWith(`HOME=${server.directory}\0`).filter((pid) => pid !== server.child.pid);

it('starts one process for 200 callers at once, over both transports, and answers all of them alike', async () => {
  server = await ServerProcess.start();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) => server.call.ok(transports[n % 2] ?? 'grpc', 'get_plugin_endpoint', request)),
  );
  const [first] = answers;
  for (const answer of answers) expect(answer).toEqual(first);
  expect(await healthOf(String(first?.['endpoint']))).toBe('SERVING');
  expect(await installed()).toMatchObject([
    { plugin_id: PLUGIN, version: '1.2.2', state: 'ACTIVE', domain_id: 'domain-a' },
  ]);
  expect(pluginProcesses()).toEqual([processAt(String(first?.['endpoint']))]);
});

it('moves AUTO to the newest version while an older one keeps serving those who ask for it', async () => {
  server = await ServerProcess.start();
  const old = await server.call.ok('rest', 'get_plugin_endpoint', { ...request, version: '1.2.1' });
  const auto = await server.call.ok('rest', 'get_plugin_endpoint', {
    ...request,
    version: '1.2.1',
    upgrade_mode: 'AUTO',
  });
  expect(auto).toMatchObject({ updated_version: '1.2.2' });
  expect(auto['endpoint']).not.toBe(old['endpoint']);
  expect(await server.call.ok('grpc', 'get_plugin_endpoint', { ...request, version: '1.2.1' })).toEqual(old);
});

it('replaces a plugin that is killed, without a report; a report meanwhile starts no second one', async () => {
  server = await ServerProcess.start();
  const first = await endpointOf();
  const [{ supervisor_id } = {}] = await installed();
  process.kill(processAt(first), 'SIGKILL');
  for (let report = 0; report < 5; report++) {
    await server.call.ok('grpc', 'notify_failure', { ...request, supervisor_id });
  }
  const second = await eventually(async () => {
    const endpoint = await endpointOf();
    expect(endpoint).not.toBe(first);
    expect(await healthOf(endpoint)).toBe('SERVING');
    return endpoint;
  });
  // Whatever a second replacement would have begun by now, it would change the endpoint.
  const pid = processAt(second);
  expect(pluginProcesses()).toEqual([pid]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await endpointOf()).toBe(second);
  expect(pluginProcesses()).toEqual([pid]);
});

it('replaces a plugin that lives and is reported', async () => {
  server = await ServerProcess.start();
  const first = await endpointOf();
  const before = processAt(first);
  const [{ supervisor_id } = {}] = await installed();
  await server.call.ok('rest', 'notify_failure', { ...request, supervisor_id });
  const second = await endpointOf();
  expect(second).not.toBe(first);
  expect(await healthOf(second)).toBe('SERVING');
  await eventually(() => expect(pluginProcesses()).not.toContain(before));
});

it('asks the plugin itself for its metadata', async () => {
  server = await ServerProcess.start();
  for (const transport of transports) {
    const body = await server.call.ok(
      transport,
      'get_plugin_metadata',
      { plugin_id: PLUGIN, version: '1.2.2' },
      { [transport === 'grpc' ? 'x_domain_id' : 'x-domain-id']: 'domain-a' },
    );
    expect(body['metadata']).toBeTypeOf('object');
  }
});

it('takes the domain from outside the message where the message does not say it', async () => {
  server = await ServerProcess.start();
  const wanted = { plugin_id: PLUGIN, version: '1.2.2' };
  for (const transport of transports) {
    const headers = { [transport === 'grpc' ? 'x_domain_id' : 'x-domain-id']: 'domain-a' };
    expect(await server.call.ok(transport, 'get_plugin_endpoint', wanted, headers)).toMatchObject({
      endpoint: await endpointOf(),
    });
    await server.call.ok(transport, 'get_plugin_endpoint', { ...wanted, domain_id: 'domain-b' }, headers);
    expect(await server.call.send(transport, 'get_plugin_endpoint', wanted)).toMatchObject({
      code: 'ERROR_REQUIRED_PARAMETER',
      message: 'Required parameter. (key = domain_id)',
    });
  }
  expect([await installed(), await installed('domain-b')]).toMatchObject([[{}], [{ domain_id: 'domain-b' }]]);
});

it('leaves nothing behind when it is stopped', async () => {
  server = await ServerProcess.start();
  await endpointOf();
  expect(pluginProcesses()).toHaveLength(1);
  expect(await server.kill('SIGTERM')).toBe(0);
  expect(pluginProcesses()).toEqual([]);
});

it('tells whoever waited in vain why the plugin does not come up', async () => {
  const process = {
    command: ['node', 'dist/examples/plugins/plugin-misbehaving/main.js'],
    env: { MISBEHAVE_CRASH_AT_START: '7' },
  };
  const versions = [{ version: '1.0.0', process }];
  server = await ServerProcess.start({
    catalog: { plugins: [{ plugin_id: 'plugin-crashing', resource_type: 'monitoring.Webhook', versions }] },
  });
  const wanted = { plugin_id: 'plugin-crashing', version: '1.0.0', domain_id: 'domain-a' };
  const answer = await server.call.send('grpc', 'get_plugin_endpoint', wanted, {}, Date.now() + 2_000);
  expect(answer).toMatchObject({
    code: 'ERROR_INSTALL_PLUGIN_TIMEOUT',
    message: expect.stringMatching(/phase = (RE_)?PROVISIONING: .*exited with code 7/s) as string,
  });
});

it('leaves the older version to those who ask for the newest while that does not come up', async () => {
  const command = ['node', 'dist/examples/plugins/plugin-misbehaving/main.js'];
  const versions = [
    { version: '1.0.0', process: { command } },
    { version: '1.1.0', process: { command, env: { MISBEHAVE_CRASH_AT_START: '7' } } },
  ];
  server = await ServerProcess.start({
    catalog: { plugins: [{ plugin_id: 'plugin-upgraded', resource_type: 'monitoring.Webhook', versions }] },
  });
  const wanted = { plugin_id: 'plugin-upgraded', domain_id: 'domain-a' };
  const { endpoint } = await server.call.ok('grpc', 'get_plugin_endpoint', { ...wanted, version: '1.0.0' });
  for (const transport of transports) {
    const answer = await server.call.ok(transport, 'get_plugin_endpoint', { ...wanted, upgrade_mode: 'AUTO' });
    expect(answer).toMatchObject({ endpoint, updated_version: '1.0.0' });
  }
  const newest = (await installed()).find(({ version }) => version === '1.1.0');
  expect(newest?.['state']).not.toBe('ACTIVE');
});
