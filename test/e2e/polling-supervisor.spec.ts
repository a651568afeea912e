import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { PollingSupervisor } from '../support/polling-supervisor.js';
import { ServerProcess } from '../support/server-process.js';
import { signalOnly } from '../support/processes.js';

const PLUGIN = 'plugin-aws-sns-mon-webhook';
const MINUTE = 60_000;

let database: SharedDatabase;
let server: ServerProcess;
let supervisor: PollingSupervisor;
let domain = 0;
let request = { plugin_id: PLUGIN, version: '1.2.2', domain_id: '' };

beforeAll(async () => {
  database = await startDatabase();
  server = await ServerProcess.start({ env: { MONGODB_URI: database.uri, BERTH_AGENT: 'none' } });
});
afterEach(() => supervisor.lose());
afterAll(async () => {
  await server.stop();
  await database.close();
});

/** A supervisor of a domain of its own. */
async function polling(options: Partial<ConstructorParameters<typeof PollingSupervisor>[0]> = {}): Promise<string> {
  const domainId = `domain-${++domain}`;
  request = { ...request, domain_id: domainId };
  supervisor = new PollingSupervisor({ call: server.call, domainId, ...options });
  return String((await supervisor.publish())['supervisor_id']);
}

const ask = () => server.call.ok('grpc', 'get_plugin_endpoint', request);

/** From the request to ACTIVE: the caller waits while the supervisor turns its cycles. */
async function deployed(): Promise<string> {
  const asked = ask();
  await eventually(async () => {
    await supervisor.cycle();
    expect(supervisor.endpoints).toHaveLength(1);
  });
  return String((await asked)['endpoint']);
}

const report = (supervisorId: string) =>
  server.call.ok('rest', 'notify_failure', { ...request, supervisor_id: supervisorId });

const states = () => supervisor.heard.slice(-3).map((rows) => rows.map(({ state }) => state));

it.each(transports)(
  'takes a plugin from the request to ACTIVE, and through a report to its replacement (%s)',
  async (transport) => {
    const id = await polling({ transport });
    const first = await deployed();
    expect(await healthOf(first)).toBe('SERVING');
    const before = supervisor.pids;

    await report(id);
    const waiting = ask();
    await supervisor.cycle();
    const second = String((await waiting)['endpoint']);
    expect(second).not.toBe(first);
    expect(await healthOf(second)).toBe('SERVING');
    expect(supervisor.pids).not.toEqual(before);
    expect(supervisor.pids).toHaveLength(1);
    const pids = supervisor.pids;
    await supervisor.cycle();
    expect(states()).toEqual([['PROVISIONING'], ['RE_PROVISIONING'], ['ACTIVE']]);
    expect(supervisor.pids).toEqual(pids);
  },
);

it('does not lose a report that comes between its list and its publish', async () => {
  const id = await polling();
  const first = await deployed();
  const [before] = supervisor.pids;
  await supervisor.cycle(() => report(id));
  const waiting = ask();
  await supervisor.publish();
  await supervisor.cycle();
  const second = String((await waiting)['endpoint']);
  expect(second).not.toBe(first);
  expect(supervisor.pids).not.toContain(before);
});

it('takes a replacement at the same address, once, and only when the supervisor has come to it', async () => {
  const id = await polling({ sameAddress: true });
  const first = await deployed();
  const [before] = supervisor.pids;
  await report(id);
  let answered = false;
  const waiting = ask().finally(() => (answered = true));
  await supervisor.publish();
  await supervisor.cycle();
  const replaced = supervisor.pids;
  expect(replaced).not.toContain(before);
  expect(answered).toBe(false);
  await supervisor.cycle();
  expect(String((await waiting)['endpoint'])).toBe(first);
  expect(supervisor.pids).toEqual(replaced);
  await supervisor.cycle();
  expect(states()).toEqual([['RE_PROVISIONING'], ['PROVISIONING'], ['ACTIVE']]);
  expect(supervisor.pids).toEqual(replaced);
});

it('hands out nothing that it does not publish any more, and has it deployed again', async () => {
  await polling();
  const first = await deployed();
  await supervisor.lose();
  await supervisor.publish();
  const waiting = ask();
  await supervisor.cycle();
  const second = String((await waiting)['endpoint']);
  expect(second).not.toBe(first);
  expect(await healthOf(second)).toBe('SERVING');
});

it('has nothing deployed again that a publish has only left out', async () => {
  await polling();
  const first = await deployed();
  const { pids } = supervisor;
  await server.call.ok('grpc', 'publish', { ...supervisor.identity, plugin_info: [] });
  await supervisor.cycle();
  expect(supervisor.pids).toEqual(pids);
  expect(states().at(-1)).toEqual(['PROVISIONING']);
  expect((await ask())['endpoint']).toBe(first);
});

it('comes to one replacement where it removes the new one with the old, and publishes in between', async () => {
  const id = await polling({ removesAll: true, betweenSteps: () => supervisor.publish() });
  const first = await deployed();
  await report(id);
  await supervisor.cycle();
  const { pids } = supervisor;
  for (let cycle = 0; cycle < 3; cycle++) await supervisor.cycle();
  expect(supervisor.pids).toEqual(pids);
  expect(pids).toHaveLength(1);
  const second = String((await ask())['endpoint']);
  expect(second).not.toBe(first);
  expect(await healthOf(second)).toBe('SERVING');
});

it('fails at once what it publishes as ERROR, until it is deployed anew', async () => {
  await polling();
  await deployed();
  signalOnly(supervisor.pids, 'SIGKILL');
  await eventually(async () => {
    await supervisor.publish();
    const deadline = Date.now() + 2 * MINUTE;
    const answer = await server.call.send('grpc', 'get_plugin_endpoint', request, {}, deadline);
    expect(answer).toMatchObject({ code: 'ERROR_PLUGIN_FAILURE', status: status[status.UNAVAILABLE] });
    expect(Date.now()).toBeLessThan(deadline - MINUTE);
  });
  await supervisor.cycle();
  const { endpoint } = await ask();
  expect(await healthOf(String(endpoint))).toBe('SERVING');
});

it.each([
  ['', 'its supervisor names no endpoint'],
  ['Unknown', 'endpoint = Unknown, must be grpc://host:port'],
  ['grpc://169.254.169.254:80', 'endpoint = grpc://169.254.169.254:80, is an address that no plugin can have'],
])('takes the rest of a publish in which a plugin is at `%s`', async (endpoint, reason) => {
  await polling();
  const versions = ['1.2.1', '1.2.2'];
  const send = (version: string, time: number) =>
    server.call.send('grpc', 'get_plugin_endpoint', { ...request, version }, {}, Date.now() + time);
  const [, served] = versions.map((version) => send(version, MINUTE));
  await eventually(async () => {
    await supervisor.sync();
    expect(supervisor.heard.at(-1)).toHaveLength(versions.length);
  });
  const rows = supervisor.heard.at(-1) ?? [];
  const endpointOf = (version: string) => supervisor.endpoints[rows.findIndex((row) => row.version === version)];
  await server.call.ok('rest', 'publish', {
    ...supervisor.identity,
    plugin_info: versions.map((version) => ({
      plugin_id: PLUGIN,
      version,
      state: 'ACTIVE',
      ...(version === '1.2.1' ? { endpoint } : { endpoints: [endpointOf(version), endpoint] }),
    })),
  });
  expect(await served).toMatchObject({ body: { endpoint: endpointOf('1.2.2') } });
  // On a busy machine it may not get to say so before the deadline.
  await eventually(async () =>
    expect(await send('1.2.1', 500)).toMatchObject({
      code: 'ERROR_INSTALL_PLUGIN_TIMEOUT',
      message: expect.stringContaining(reason) as string,
    }),
  );
  await supervisor.cycle();
  expect(await server.call.ok('rest', 'get_plugin_endpoint', { ...request, version: '1.2.1' })).toMatchObject({
    endpoint: endpointOf('1.2.1'),
  });
});

it('takes a publish of hundreds of plugins', async () => {
  const id = await polling();
  await deployed();
  const [endpoint] = supervisor.endpoints;
  const known = await database.db.collection('installed_plugins').findOne({ supervisor_id: id });
  const many = Array.from({ length: 500 }, (_, at) => `plugin-${at}`);
  await database.db
    .collection<{ _id: string }>('installed_plugins')
    .insertMany(many.map((plugin_id) => ({ ...known, _id: `${id}/${plugin_id}@1.2.2`, plugin_id })));
  const publish = (endpoints: object) =>
    server.call.ok('grpc', 'publish', {
      ...supervisor.identity,
      plugin_info: many.map((plugin_id) => ({ plugin_id, version: '1.2.2', state: 'ACTIVE', ...endpoints })),
    });
  await publish({ endpoints: [endpoint, 'grpc://127.0.0.1:1'] });
  const rows = async () => {
    const query = { filter: [{ k: 'plugin_id', v: 'plugin-', o: 'contain' }], page: { start: 1, limit: 1_000 } };
    const { results } = await server.call.ok('grpc', 'list_plugins', { domain_id: request.domain_id, query });
    return (results as { plugin_id: string; endpoints: string[] }[]).filter(({ plugin_id }) => plugin_id !== PLUGIN);
  };
  const listed = await rows();
  expect(listed).toHaveLength(500);
  expect(new Set(listed.map(({ endpoints }) => endpoints?.length))).toEqual(new Set([2]));
});

it('goes with a plugin through its whole life: deployed, reported, replaced, idle, removed, deployed again', async () => {
  const idle = await ServerProcess.start({
    env: {
      MONGODB_URI: database.uri,
      BERTH_AGENT: 'none',
      BERTH_IDLE_TTL: '2000',
      BERTH_ENDPOINT_LEASE: '1000',
    },
  });
  const usual = server;
  server = idle;
  try {
    const id = await polling();
    const first = await deployed();
    await report(id);
    const waiting = ask();
    await supervisor.cycle();
    const second = String((await waiting)['endpoint']);
    expect(second).not.toBe(first);
    expect(await healthOf(second)).toBe('SERVING');

    const cycles = supervisor.heard.length;
    await eventually(async () => {
      await supervisor.cycle();
      expect(supervisor.pids).toEqual([]);
    });
    expect(await healthOf(second)).not.toBe('SERVING');
    const told = supervisor.heard.slice(cycles).map((rows) => rows.map(({ state }) => state).join());
    expect([...new Set(told)]).toEqual(['ACTIVE', '']);

    expect(await healthOf(await deployed())).toBe('SERVING');
  } finally {
    server = usual;
    await idle.stop();
  }
});

it('removes what is in no row any more', async () => {
  await polling();
  const endpoint = await deployed();
  const where = { domain_id: request.domain_id };
  await database.db.collection('installed_plugin_refs').deleteMany(where);
  await database.db.collection('installed_plugins').deleteMany(where);
  await supervisor.cycle();
  expect(supervisor.pids).toEqual([]);
  expect(await healthOf(endpoint)).not.toBe('SERVING');
  const asked = ask();
  await eventually(async () => {
    await supervisor.cycle();
    expect(supervisor.pids).toHaveLength(1);
  });
  await asked;
});

it('serves other domains as `root`, each of which sees its own binding alone', async () => {
  const id = await polling({ name: 'root', hostname: 'root-1' });
  await deployed();
  const own = request.domain_id;
  const stranger = { ...request, domain_id: 'domain-stranger' };
  const shared = await server.call.ok('rest', 'get_plugin_endpoint', stranger);
  expect(supervisor.pids).toHaveLength(1);
  expect(shared['endpoint']).toBe(supervisor.endpoints[0]);
  const rows = async (domainId: string) =>
    (await server.call.ok('grpc', 'list_plugins', { domain_id: domainId, supervisor_id: id }))['results'];
  expect(await rows(own)).toMatchObject([{ domain_id: own, supervisor_name: 'root' }]);
  expect(await rows('domain-stranger')).toMatchObject([{ domain_id: 'domain-stranger', supervisor_name: 'root' }]);
  expect(await rows('domain-nobody')).toEqual([]);
  // It would serve the domains of other tests as well.
  await server.call.ok('grpc', 'disable', { supervisor_id: id, domain_id: own });
});
