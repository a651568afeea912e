import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/config/package-root.js';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { PollingSupervisor } from '../support/polling-supervisor.js';
import { endProgram, type Program, startProgram } from '../support/program.js';
import { ServerProcess } from '../support/server-process.js';
import { PLUGIN, VERSION } from '../support/worlds.js';

let database: SharedDatabase;
let server: ServerProcess;
let agent: Program | undefined;
let pollers: PollingSupervisor[] = [];
let domain = 0;
let domainId = '';

beforeAll(async () => {
  database = await startDatabase();
  server = await ServerProcess.start({ env: { MONGODB_URI: database.uri, BERTH_AGENT: 'none' } });
});
afterEach(async () => {
  if (agent !== undefined) await endProgram(agent);
  agent = undefined;
  for (const poller of pollers) await poller.lose();
  pollers = [];
});
afterAll(async () => {
  await server.stop();
  await database.close();
});

function newDomain(): void {
  domainId = `domain-${++domain}`;
}

/** An agent of a new domain that is connected. Returns the id of its supervisor. */
async function connected(): Promise<string> {
  newDomain();
  const directory = join(server.directory, domainId);
  agent = await startProgram(
    join(packageRoot, 'dist/programs/agent.cjs'),
    [
      ...['--server', server.grpc, '--name', 'linked', '--hostname', 'host-1', '--domain', domainId],
      ...['--data', directory, '--on-exit', 'stop', '--log-format', 'json'],
    ],
    { env: { PATH: process.env['PATH'], HOME: directory } },
  );
  return (await supervisors())[0]?.supervisor_id ?? '';
}

function poller(options: Partial<ConstructorParameters<typeof PollingSupervisor>[0]> = {}): PollingSupervisor {
  const made = new PollingSupervisor({ call: server.call, domainId, ...options });
  pollers.push(made);
  return made;
}

interface Row {
  supervisor_id: string;
  state: string;
  hostname: string;
  labels: object;
}

const supervisors = async () =>
  (await server.call.ok('grpc', 'list', { domain_id: domainId }))['results'] as unknown as Row[];
const ask = (changes: object = {}) =>
  server.call.ok('grpc', 'get_plugin_endpoint', {
    plugin_id: PLUGIN,
    version: VERSION,
    domain_id: domainId,
    ...changes,
  });
const act = (method: string, id: string, changes: object = {}) =>
  server.call.send('rest', method, { supervisor_id: id, domain_id: domainId, ...changes });

it('keeps serving what a connected supervisor runs when it is disabled, and gives it nothing new until it is enabled', async () => {
  const id = await connected();
  const { endpoint } = await ask();
  expect(await act('disable', id)).toMatchObject({ body: { state: 'DISABLED' } });
  expect((await ask())['endpoint']).toBe(endpoint);
  expect(await healthOf(String(endpoint))).toBe('SERVING');
  const other = { plugin_id: PLUGIN, version: '1.2.1', domain_id: domainId };
  expect(await server.call.send('rest', 'get_plugin_endpoint', other)).toMatchObject({
    code: 'ERROR_NO_POSSIBLE_SUPERVISOR',
  });
  expect(await act('enable', id)).toMatchObject({ body: { state: 'ENABLED' } });
  expect(await healthOf(String((await ask(other))['endpoint']))).toBe('SERVING');
  expect((await ask())['endpoint']).toBe(endpoint);
});

it('repairs what a disabled supervisor runs', async () => {
  const id = await connected();
  const { endpoint } = await ask();
  await act('disable', id);
  await act('notify_failure', id, { plugin_id: PLUGIN, version: VERSION });
  const replaced = String((await ask())['endpoint']);
  expect(replaced).not.toBe(endpoint);
  expect(await healthOf(replaced)).toBe('SERVING');
});

it('lets callers who wait have their plugin, though its supervisor is disabled meanwhile', async () => {
  newDomain();
  const polling = poller();
  const { supervisor_id: id } = await polling.publish();
  const waiting = ask();
  await eventually(async () => {
    await polling.sync();
    expect(polling.endpoints).toHaveLength(1);
  });
  await act('disable', String(id));
  await polling.publish();
  expect((await waiting)['endpoint']).toBe(polling.endpoints[0]);
  expect(await supervisors()).toMatchObject([{ state: 'DISABLED' }]);
});

it('makes an agent that is connected while it is deregistered a new supervisor', async () => {
  const id = await connected();
  await act('update', id, { labels: { zone: 'a' } });
  expect(await act('deregister', id)).toMatchObject({ status: 200, body: {} });
  expect(await act('get', id)).toMatchObject({ code: 'ERROR_NOT_FOUND' });
  const again = await eventually(async () => {
    const [row] = await supervisors();
    expect(row).toMatchObject({ hostname: 'host-1', state: 'ENABLED', labels: {} });
    return row;
  });
  expect(again?.supervisor_id).not.toBe(id);
  expect(await healthOf(String((await ask())['endpoint']))).toBe('SERVING');
});

it('does not deregister a connected supervisor that has a plugin, which goes on', async () => {
  const id = await connected();
  const { endpoint } = await ask();
  expect(await act('deregister', id)).toMatchObject({ code: 'ERROR_INSTALLED_PLUGIN_EXIST' });
  expect((await ask())['endpoint']).toBe(endpoint);
  expect(await healthOf(String(endpoint))).toBe('SERVING');
});

it('starts from nothing with a hostname that was deregistered', async () => {
  newDomain();
  const polling = poller();
  const { supervisor_id: id } = await polling.publish();
  await act('update', String(id), { name: 'renamed', priority: 5, labels: { zone: 'a' }, tags: { x: 1 } });
  await act('disable', String(id));
  expect(await act('deregister', String(id))).toMatchObject({ status: 200 });
  const again = await polling.publish();
  expect(again).toMatchObject({ name: 'polling', state: 'ENABLED', labels: {}, tags: { made_by: 'test' } });
  expect(again['supervisor_id']).not.toBe(id);
  expect(await supervisors()).toHaveLength(1);
});

it('tells hosts of one name apart', async () => {
  newDomain();
  const ids = [];
  for (const hostname of ['host-1', 'host-2']) ids.push((await poller({ hostname }).publish())['supervisor_id']);
  expect(new Set(ids).size).toBe(2);
  expect(await server.call.ok('rest', 'list', { domain_id: domainId, name: 'polling' })).toMatchObject({
    total_count: 2,
  });
});

it('takes two hosts that publish one hostname for one supervisor, and hands out what lives', async () => {
  newDomain();
  const [first, second] = [poller(), poller()];
  await first.publish();
  const waiting = ask();
  await eventually(async () => {
    await first.cycle();
    expect(first.endpoints).toHaveLength(1);
  });
  await waiting;
  await second.cycle();
  const started = [first.pids, second.pids];
  for (let round = 0; round < 3; round++) {
    for (const each of [first, second]) {
      await each.cycle();
      expect((await ask())['endpoint']).toBe(each.endpoints[0]);
    }
  }
  expect([first.pids, second.pids]).toEqual(started);
  expect(await supervisors()).toHaveLength(1);
});

it('does not let a publish disturb a supervisor that is connected, and takes it when the link is lost', async () => {
  const id = await connected();
  const { endpoint } = await ask();
  const identity = { name: 'linked', hostname: 'host-1', domain_id: domainId };
  expect(await server.call.send('rest', 'publish', identity)).toMatchObject({ code: 'ERROR_SUPERVISOR_STATE' });
  expect((await ask())['endpoint']).toBe(endpoint);
  if (agent !== undefined) await endProgram(agent);
  await eventually(async () => expect(await supervisors()).toMatchObject([{ state: 'DISCONNECTED' }]));
  expect(await server.call.ok('rest', 'publish', identity)).toMatchObject({ supervisor_id: id, state: 'ENABLED' });
});
