import { afterAll, beforeAll, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { PLUGIN, VERSION } from '../support/worlds.js';
import { ServerProcess } from '../support/server-process.js';

const DOMAIN = 'domain-explained';
const ENDPOINT = 'grpc://127.0.0.1:1';
const request = { plugin_id: PLUGIN, version: VERSION, domain_id: DOMAIN };
/** The version that no test asks for. */
const unasked = { ...request, version: '1.2.1' };

let server: ServerProcess;
const ids: Record<string, string> = {};

async function publish(name: string, changes: object = {}): Promise<void> {
  const answer = await server.call.ok('grpc', 'publish', {
    name,
    hostname: name,
    domain_id: DOMAIN,
    labels: ['zone=a'],
    ...changes,
  });
  ids[name] = String(answer['supervisor_id']);
}

const update = (name: string, changes: object) =>
  server.call.ok('grpc', 'update', { supervisor_id: ids[name], domain_id: DOMAIN, ...changes });

beforeAll(async () => {
  server = await ServerProcess.start({ env: { BERTH_AGENT: 'none' } });
  for (const name of ['high', 'low', 'off']) await publish(name);
  await publish('elsewhere', { labels: ['zone=b'] });
  await publish('foreign', { domain_id: 'domain-other' });
  await update('high', { priority: 10 });
  await server.call.ok('grpc', 'disable', { supervisor_id: ids['off'], domain_id: DOMAIN });
});
afterAll(() => server.stop());

const supervisors = (explanation: Record<string, unknown>) =>
  (explanation['supervisors'] as { name: string; taken?: boolean; reason?: string }[]).map(
    ({ name, taken = false, reason = '' }) => [name, taken, reason] as const,
  );

it.each(transports)(
  'tells why each supervisor would be taken or not, before anybody has asked (%s)',
  async (transport) => {
    const explanation = await server.call.ok(transport, 'explain', { ...unasked, labels: { zone: 'a' } });
    expect(supervisors(explanation)).toEqual([
      ['high', true, ''],
      ['low', false, 'has priority 0, and another one 10'],
      ['off', false, 'is DISABLED'],
      ['elsewhere', false, 'lacks the label zone=a'],
    ]);
    expect(explanation).toMatchObject({ version: unasked.version, waits_because: 'nobody has asked for it yet' });
    const { total_count } = await server.call.ok('grpc', 'list_plugins', unasked);
    expect(total_count ?? 0).toBe(0);
  },
);

it('tells what is bound, what it waits for, and what is handed out', async () => {
  const asked = server.call.ok('grpc', 'get_plugin_endpoint', request);
  await expect
    .poll(() => server.call.ok('grpc', 'explain', request))
    .toMatchObject({ bound_to: ids['high'], waits_because: 'the instance is PROVISIONING' });

  const plugin_info = [{ plugin_id: PLUGIN, version: VERSION, state: 'ACTIVE', endpoints: [ENDPOINT] }];
  await publish('high', { plugin_info });
  expect(await asked).toMatchObject({ endpoint: ENDPOINT });
  const explanation = await server.call.ok('rest', 'explain', request);
  expect(explanation).toMatchObject({
    bound_to: ids['high'],
    instances: [{ supervisor_id: ids['high'], state: 'ACTIVE', endpoints: [ENDPOINT], taken: true }],
  });
  expect(explanation['waits_because'] ?? '').toBe('');
});

it.each(transports)('refuses what a lookup refuses (%s)', async (transport) => {
  const send = (changes: object) => server.call.send(transport, 'explain', { ...request, ...changes });
  expect(await send({ plugin_id: 'plugin-nobody-knows' })).toMatchObject({ code: 'ERROR_PLUGIN_NOT_FOUND' });
  expect(await send({ version: '0.0.1' })).toMatchObject({ code: 'ERROR_INVALID_PLUGIN_VERSION' });
  expect(await send({ version: '' })).toMatchObject({ code: 'ERROR_REQUIRED_PARAMETER' });
});
