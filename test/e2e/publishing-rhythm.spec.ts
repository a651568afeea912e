import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { PollingSupervisor } from '../support/polling-supervisor.js';
import { ServerProcess } from '../support/server-process.js';
import { PLUGIN, VERSION } from '../support/worlds.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let database: SharedDatabase;
let server: ServerProcess;
let pollers: PollingSupervisor[] = [];
let domain = 0;
let domainId = '';

beforeAll(async () => {
  database = await startDatabase();
  server = await start();
});
afterEach(async () => {
  for (const poller of pollers) await poller.lose();
  pollers = [];
});
afterAll(async () => {
  await server.stop();
  await database.close();
});

/** A server that looks at leases twice a second. */
const start = (env: Record<string, string> = {}) =>
  ServerProcess.start({
    env: {
      MONGODB_URI: database.uri,
      BERTH_AGENT: 'none',
      BERTH_HEARTBEAT_INTERVAL: '500',
      BERTH_SUPERVISOR_LEASE: '1000',
      ...env,
    },
  });

function poller(hostname: string, first = true): PollingSupervisor {
  if (first) domainId = `rhythm-${++domain}`;
  const made = new PollingSupervisor({ call: server.call, domainId, hostname });
  pollers.push(made);
  return made;
}

/** Lets time pass in what the database knows of a supervisor. */
async function pass(milliseconds: number, hostname = 'host-1'): Promise<void> {
  const shifted = (field: string) => ({ [field]: { $subtract: [`$${field}`, milliseconds] } });
  const times = ['published_at', 'lease_expires_at', 'created_at'].map(shifted);
  await database.db
    .collection('supervisors')
    .updateOne({ domain_id: domainId, hostname }, [{ $set: Object.assign({}, ...times) as object }]);
}

/** How long the supervisor may be silent after its last publish, in milliseconds. */
async function lease(): Promise<number> {
  const row = await database.db.collection('supervisors').findOne({ domain_id: domainId });
  return (row?.['lease_expires_at'] as Date).getTime() - (row?.['published_at'] as Date).getTime();
}

const stateOf = async (hostname = 'host-1') => {
  const filter = [{ k: 'hostname', v: hostname, o: 'eq' }];
  const { results } = await server.call.ok('grpc', 'list', { domain_id: domainId, query: { filter } });
  return (results as { state: string }[])[0]?.state;
};
const ask = () =>
  server.call.ok('grpc', 'get_plugin_endpoint', { plugin_id: PLUGIN, version: VERSION, domain_id: domainId });

it.each([
  ['after its first publish', [], 5 * MINUTE],
  ['after two at once', [0.1 * SECOND], 5 * MINUTE],
  ['every 5 s', [5 * SECOND, 5 * SECOND], 1 * MINUTE],
  ['every 30 s', [30 * SECOND, 30 * SECOND], 1.5 * MINUTE],
  ['every 120 s', [120 * SECOND, 120 * SECOND], 6 * MINUTE],
  ['now after 20 s, now after 60 s', [20 * SECOND, 60 * SECOND, 20 * SECOND], 3 * MINUTE],
  ['every 60 s, and for a while every 20 s', [60 * SECOND, ...Array<number>(5).fill(20 * SECOND)], 1 * MINUTE],
])('waits for a supervisor that publishes %s', async (_, pauses, expected) => {
  // On a busy machine the test itself takes its time, which counts three times: then once more, in another domain.
  await eventually(async () => {
    const polling = poller('host-1');
    await polling.publish();
    for (const pause of pauses) {
      await pass(pause);
      await polling.publish();
    }
    expect(Math.abs((await lease()) - expected)).toBeLessThan(5 * SECOND);
  });
});

it('counts a supervisor as lost that keeps to its rhythm no more, and as what it was when it is back', async () => {
  const polling = poller('host-1');
  const { supervisor_id } = await polling.publish();
  for (let publish = 0; publish < 3; publish++) {
    await pass(30 * SECOND);
    await polling.publish();
  }
  await pass(80 * SECOND);
  await polling.publish();
  expect(await stateOf()).toBe('ENABLED');
  // Three times the longest pause, which is 80 s by now.
  await pass(241 * SECOND);
  await eventually(async () => expect(await stateOf()).toBe('DISCONNECTED'));
  expect(await polling.publish()).toMatchObject({ supervisor_id, state: 'ENABLED' });
});

it('moves what a lost supervisor ran to another one, and has the first stop it when it is back', async () => {
  const first = poller('host-1');
  await first.publish();
  const waiting = ask();
  await eventually(async () => {
    await first.cycle();
    expect(first.endpoints).toHaveLength(1);
  });
  expect((await waiting)['endpoint']).toBe(first.endpoints[0]);
  const others = ['host-2', 'host-3'].map((hostname) => poller(hostname, false));
  for (const other of others) await other.publish();
  await pass(10 * MINUTE);
  await eventually(async () => expect(await stateOf()).toBe('DISCONNECTED'));
  const moved = ask();
  await eventually(async () => {
    for (const other of others) await other.cycle();
    expect(others.flatMap(({ endpoints }) => endpoints)).toHaveLength(1);
  });
  expect((await moved)['endpoint']).toBe(others.flatMap(({ endpoints }) => endpoints)[0]);
  await eventually(async () => {
    await first.cycle();
    expect(first.pids).toEqual([]);
  });
});

it('waits five minutes for somebody to register a new supervisor where that is needed', async () => {
  const strict = await start({ BERTH_SUPERVISOR_AUTO_ENABLE: 'false' });
  try {
    domainId = `rhythm-${++domain}`;
    const polling = new PollingSupervisor({ call: strict.call, domainId, hostname: 'host-1' });
    const { supervisor_id, state } = await polling.publish();
    expect(state).toBe('PENDING');
    await pass(4 * MINUTE);
    expect(await polling.publish()).toMatchObject({ state: 'PENDING' });
    await pass(1 * MINUTE);
    expect(await polling.publish()).toMatchObject({ state: 'DISCONNECTED' });
    const request = { supervisor_id, domain_id: domainId };
    expect(await strict.call.ok('rest', 'register', request)).toMatchObject({ state: 'ENABLED' });
    expect(await polling.publish()).toMatchObject({ supervisor_id, state: 'ENABLED' });
  } finally {
    await strict.stop();
  }
});
