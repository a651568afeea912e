import { afterAll, beforeAll, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { processAt, processesWith } from '../support/processes.js';
import { ServerProcess } from '../support/server-process.js';

const SNS = 'dist/examples/plugins/plugin-aws-sns-mon-webhook/main.js';
const MISBEHAVING = 'dist/examples/plugins/plugin-misbehaving/main.js';

/** A plugin for one test: its processes are found by its name. */
const plugin = (plugin_id: string, program: string, versions: Record<string, Record<string, string>>) => ({
  plugin_id,
  resource_type: 'monitoring.Webhook',
  versions: Object.entries(versions).map(([version, env]) => ({
    version,
    process: { command: ['node', program, version], env: { ...env, TEST_PLUGIN: plugin_id } },
  })),
});
const crashing = { MISBEHAVE_CRASH_AT_START: '7' };

let server: ServerProcess;
beforeAll(async () => {
  const working = [
    'plugin-crowded',
    'plugin-auto',
    'plugin-killed',
    'plugin-reported',
    'plugin-told',
    'plugin-domains',
  ];
  server = await ServerProcess.start({
    catalog: {
      plugins: [
        ...working.map((id) => plugin(id, SNS, { '1.2.1': {}, '1.2.2': {} })),
        plugin('plugin-crashing', MISBEHAVING, { '1.0.0': crashing }),
        plugin('plugin-upgraded', MISBEHAVING, { '1.0.0': {}, '1.1.0': crashing }),
      ],
    },
  });
});
afterAll(() => server.stop());

/** A wish of a domain that no other test has. */
const wishFor = (plugin_id: string) => ({ plugin_id, version: '1.2.2', domain_id: `domain-of-${plugin_id}` });

const endpointOf = async (wish: object) =>
  String((await server.call.ok('grpc', 'get_plugin_endpoint', wish))['endpoint']);

const installed = async (domainId: string) =>
  (await server.call.ok('grpc', 'list_plugins', { domain_id: domainId }))['results'] as Record<string, unknown>[];

const processesOf = (pluginId: string) =>
  processesWith(`TEST_PLUGIN=${pluginId}\0`).filter((pid) => processesWith(`HOME=${server.directory}\0`).includes(pid));

it('starts one process for 200 callers at once, over both transports, and answers all of them alike', async () => {
  const request = wishFor('plugin-crowded');
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) => server.call.ok(transports[n % 2] ?? 'grpc', 'get_plugin_endpoint', request)),
  );
  const [first] = answers;
  for (const answer of answers) expect(answer).toEqual(first);
  expect(await healthOf(String(first?.['endpoint']))).toBe('SERVING');
  expect(await installed(request.domain_id)).toMatchObject([{ ...request, state: 'ACTIVE' }]);
  expect(processesOf('plugin-crowded')).toEqual([processAt(String(first?.['endpoint']))]);
});

it('moves AUTO to the newest version while an older one keeps serving those who ask for it', async () => {
  const request = { ...wishFor('plugin-auto'), version: '1.2.1' };
  const old = await server.call.ok('rest', 'get_plugin_endpoint', request);
  const auto = await server.call.ok('rest', 'get_plugin_endpoint', { ...request, upgrade_mode: 'AUTO' });
  expect(auto).toMatchObject({ updated_version: '1.2.2' });
  expect(auto['endpoint']).not.toBe(old['endpoint']);
  expect(await server.call.ok('grpc', 'get_plugin_endpoint', request)).toEqual(old);
});

it('replaces a plugin that is killed, without a report; a report meanwhile starts no second one', async () => {
  const request = wishFor('plugin-killed');
  const first = await endpointOf(request);
  const [{ supervisor_id } = {}] = await installed(request.domain_id);
  process.kill(processAt(first), 'SIGKILL');
  for (let report = 0; report < 5; report++) {
    await server.call.ok('grpc', 'notify_failure', { ...request, supervisor_id });
  }
  const second = await eventually(async () => {
    const endpoint = await endpointOf(request);
    expect(endpoint).not.toBe(first);
    expect(await healthOf(endpoint)).toBe('SERVING');
    return endpoint;
  });
  const pid = processAt(second);
  expect(processesOf('plugin-killed')).toEqual([pid]);
  // What the agent is told, it is told in order: once it has started this one, a second replacement would have begun.
  const other = processAt(await endpointOf({ ...request, version: '1.2.1' }));
  expect(await endpointOf(request)).toBe(second);
  expect(processesOf('plugin-killed').sort()).toEqual([pid, other].sort());
});

it('replaces a plugin that lives and is reported', async () => {
  const request = wishFor('plugin-reported');
  const first = await endpointOf(request);
  const before = processAt(first);
  const [{ supervisor_id } = {}] = await installed(request.domain_id);
  await server.call.ok('rest', 'notify_failure', { ...request, supervisor_id });
  const second = await endpointOf(request);
  expect(second).not.toBe(first);
  expect(await healthOf(second)).toBe('SERVING');
  await eventually(() => expect(processesOf('plugin-reported')).not.toContain(before));
});

it('asks the plugin itself for its metadata', async () => {
  for (const transport of transports) {
    const body = await server.call.ok(
      transport,
      'get_plugin_metadata',
      { plugin_id: 'plugin-told', version: '1.2.2' },
      { [transport === 'grpc' ? 'x_domain_id' : 'x-domain-id']: 'domain-told' },
    );
    expect(body['metadata']).toBeTypeOf('object');
  }
});

it('takes the domain from outside the message where the message does not say it', async () => {
  const wanted = { plugin_id: 'plugin-domains', version: '1.2.2' };
  for (const transport of transports) {
    const headers = { [transport === 'grpc' ? 'x_domain_id' : 'x-domain-id']: 'domain-outside' };
    expect(await server.call.ok(transport, 'get_plugin_endpoint', wanted, headers)).toMatchObject({
      endpoint: await endpointOf({ ...wanted, domain_id: 'domain-outside' }),
    });
    await server.call.ok(transport, 'get_plugin_endpoint', { ...wanted, domain_id: 'domain-inside' }, headers);
    expect(await server.call.send(transport, 'get_plugin_endpoint', wanted)).toMatchObject({
      code: 'ERROR_REQUIRED_PARAMETER',
      message: 'Required parameter. (key = domain_id)',
    });
  }
  const rows = [await installed('domain-outside'), await installed('domain-inside')];
  expect(rows).toMatchObject([[{}], [{ domain_id: 'domain-inside' }]]);
});

it('tells callers who waited in vain why the plugin does not come up', async () => {
  const wanted = { ...wishFor('plugin-crashing'), version: '1.0.0' };
  // The reason is known once it has crashed: on a busy machine later than some deadlines.
  await eventually(async () => {
    const answer = await server.call.send('grpc', 'get_plugin_endpoint', wanted, {}, Date.now() + 1_000);
    expect(answer).toMatchObject({
      code: 'ERROR_INSTALL_PLUGIN_TIMEOUT',
      message: expect.stringMatching(/phase = (RE_)?PROVISIONING: .*exited with code 7/s) as string,
    });
  });
});

it('leaves the older version to those who ask for the newest while that does not come up', async () => {
  const wanted = wishFor('plugin-upgraded');
  const { endpoint } = await server.call.ok('grpc', 'get_plugin_endpoint', { ...wanted, version: '1.0.0' });
  for (const transport of transports) {
    const answer = await server.call.ok(transport, 'get_plugin_endpoint', {
      plugin_id: wanted.plugin_id,
      domain_id: wanted.domain_id,
      upgrade_mode: 'AUTO',
    });
    expect(answer).toMatchObject({ endpoint, updated_version: '1.0.0' });
  }
  const newest = (await installed(wanted.domain_id)).find(({ version }) => version === '1.1.0');
  expect(newest?.['state']).not.toBe('ACTIVE');
});
