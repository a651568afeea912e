import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { PollingSupervisor } from '../support/polling-supervisor.js';
import { processAt } from '../support/processes.js';
import { ServerProcess } from '../support/server-process.js';

const TTL = 2_000;
const LEASE = 2_000;
const VERSION = '1.0.0';

const plugin = (plugin_id: string, idle_ttl?: number, version = VERSION) => ({
  plugin_id,
  resource_type: 'monitoring.Webhook',
  ...(idle_ttl !== undefined && { idle_ttl }),
  versions: [{ version, process: { command: ['node', 'dist/examples/plugins/plugin-misbehaving/main.js', version] } }],
});

let database: SharedDatabase;
let servers: readonly ServerProcess[];

beforeAll(async () => {
  database = await startDatabase();
  const env = {
    MONGODB_URI: database.uri,
    BERTH_IDLE_TTL: String(TTL),
    BERTH_ENDPOINT_LEASE: String(LEASE),
  };
  const left = ['plugin-left', 'plugin-again', 'plugin-marked'].map((id) => plugin(id));
  const polled = plugin('plugin-polled', undefined, '1.2.2');
  const catalog = { plugins: [...left, plugin('plugin-used'), plugin('plugin-kept', 0), polled] };
  // One has an agent; what it runs, the other hands out and removes as well.
  servers = await Promise.all([
    ServerProcess.start({ catalog, env }),
    ServerProcess.start({ catalog, env: { ...env, BERTH_AGENT: 'none' } }),
  ]);
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await database.close();
});

const wish = (plugin_id: string, domain_id = 'domain-1') => ({ plugin_id, version: VERSION, domain_id });

async function ask(plugin_id: string, server = 0): Promise<string> {
  return String((await servers[server]!.call.ok('grpc', 'get_plugin_endpoint', wish(plugin_id)))['endpoint']);
}

const bound = (plugin_id: string) =>
  database.db.collection('installed_plugin_refs').countDocuments({ plugin_id, domain_id: 'domain-1' });

it('removes what nobody asks for, keeps what is asked for at any server, and what the catalog says to keep', async () => {
  const [left, kept, used] = await Promise.all(['plugin-left', 'plugin-kept', 'plugin-used'].map((id) => ask(id)));
  const leftPid = processAt(left ?? '');
  expect([left, kept, used].filter(Boolean)).toHaveLength(3);

  // The one that is used is asked for at the other server alone.
  await eventually(async () => {
    expect(await ask('plugin-used', 1)).toBe(used);
    expect(await bound('plugin-left')).toBe(0);
    expect(() => process.kill(leftPid, 0)).toThrow();
  });
  expect(await healthOf(kept ?? '')).toBe('SERVING');
  expect(await healthOf(used ?? '')).toBe('SERVING');

  // Asked for again, it is deployed again.
  const again = await ask('plugin-left', 1);
  expect(await healthOf(again)).toBe('SERVING');
});

it('deploys anew what is asked for in the moment in which it is removed', async () => {
  const { call } = servers[0]!;
  for (let round = 0; round < 2; round++) {
    const endpoint = await ask('plugin-again', round % 2);
    const { results } = await call.ok('grpc', 'list_plugins', { domain_id: 'domain-1', plugin_id: 'plugin-again' });
    const [{ supervisor_id } = {}] = results as { supervisor_id?: string }[];
    // So that the next one begins with a lower generation.
    await call.ok('grpc', 'recover_plugin', { ...wish('plugin-again'), supervisor_id });
    await eventually(async () => expect(await ask('plugin-again')).not.toBe(endpoint));
    await eventually(async () => expect(await bound('plugin-again')).toBe(0));
    expect(await healthOf(await ask('plugin-again', round % 2))).toBe('SERVING');
  }
});

it('hands out what is about to be removed only after taking the mark off', async () => {
  const endpoint = await ask('plugin-marked');
  const refs = database.db.collection('installed_plugin_refs');
  const mine = { plugin_id: 'plugin-marked', domain_id: 'domain-1' };
  await eventually(async () => expect(await refs.countDocuments({ ...mine, idle_since: { $ne: null } })).toBe(1));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await ask('plugin-marked', 1)).toBe(endpoint);
  expect(await refs.countDocuments({ ...mine, idle_since: null })).toBe(1);
  expect(await healthOf(endpoint)).toBe('SERVING');
});

it('leaves a polling supervisor nothing to run of what nobody asks for', async () => {
  const domainId = 'domain-polling';
  const { call } = servers[1]!;
  const supervisor = new PollingSupervisor({ call, domainId });
  const { supervisor_id } = await supervisor.publish();
  await call.ok('grpc', 'update', { supervisor_id, domain_id: domainId, labels: { polls: 'yes' } });
  const request = { ...wish('plugin-polled', domainId), version: '1.2.2', labels: { polls: 'yes' } };
  const answer = call.ok('grpc', 'get_plugin_endpoint', request);
  await eventually(async () => {
    await supervisor.cycle();
    expect(supervisor.endpoints).toHaveLength(1);
  });
  await answer;
  const [pid] = supervisor.pids;
  await eventually(async () => {
    await supervisor.cycle();
    expect(supervisor.endpoints).toHaveLength(0);
  });
  expect(() => process.kill(pid ?? 0, 0)).toThrow();
});
