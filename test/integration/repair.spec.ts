import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RepairService } from '../../src/installed-plugin/repair.service.js';
import { freePort } from '../support/free-port.js';
import { DOMAIN, InstalledRooms, SUPERVISOR, wish } from '../support/installed-rooms.js';

let rooms: InstalledRooms;
let id: string;

beforeEach(async () => {
  rooms = await InstalledRooms.start();
  ({ id } = await rooms.want());
});

afterEach(() => rooms[Symbol.asyncDispose]());

const name = { supervisorId: SUPERVISOR, pluginId: wish.pluginId, version: wish.version, domainId: DOMAIN };
const repair = () => rooms.module.get(RepairService, { strict: false });
const report = (domainId = DOMAIN) => repair().reportFailure({ ...name, domainId });
const generation = async () => (await rooms.find(id)).generation;

/** Moves the moment at which it became ready into the past. */
const age = (ms: number) =>
  rooms.db
    .collection<{ _id: string }>('installed_plugins')
    .updateOne({ _id: id }, [{ $set: { ready_at: { $subtract: ['$ready_at', ms] } } }]);

describe('a failure report', () => {
  it('has the first instance replaced at once: it cannot be about another one', async () => {
    await rooms.ready(id);
    await report();
    expect(await rooms.find(id)).toMatchObject({ state: 'RE_PROVISIONING', generation: 2, afterIncarnation: 1 });
  });

  it('is absorbed while the instance is replaced, by however many it is made', async () => {
    await rooms.ready(id);
    await Promise.all(Array.from({ length: 50 }, () => report()));
    await report();
    expect(await generation()).toBe(2);
  });

  it('that comes late is absorbed where the replacement serves, and counts when that is no more late', async () => {
    await using plugin = await listen();
    await rooms.ready(id);
    await report();
    await rooms.ready(id, [plugin.endpoint]);
    await report();
    await age(9_000);
    await report();
    expect(await generation()).toBe(2);
    await age(1_500);
    await report();
    expect(await generation()).toBe(3);
  });

  it('counts at once where the replacement does not serve', async () => {
    await using plugin = await listen();
    await rooms.ready(id);
    await report();
    await rooms.ready(id, [plugin.endpoint, `grpc://127.0.0.1:${await freePort()}`]);
    await report();
    expect(await rooms.find(id)).toMatchObject({
      generation: 3,
      stateReason: expect.stringContaining('nothing listens on port'),
    });
  });

  it('is absorbed where the supervisor has started it anew by itself', async () => {
    await using plugin = await listen();
    await rooms.ready(id);
    await rooms.ready(id, [plugin.endpoint]);
    await report();
    expect(await generation()).toBe(1);
  });

  it('of another domain is answered as one of nothing', async () => {
    await rooms.ready(id);
    await expect(report('domain-b')).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
    expect(await generation()).toBe(1);
  });
});

it('starts an instance afresh when recovery is asked for, whenever it became ready', async () => {
  await rooms.ready(id);
  await repair().recover(name);
  await rooms.ready(id);
  expect(await repair().recover(name)).toMatchObject({ state: 'RE_PROVISIONING', generation: 3, restarts: 0 });
});

/** A plugin without a health service. */
async function listen(): Promise<AsyncDisposable & { endpoint: string }> {
  const server = new Server();
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return {
    endpoint: `grpc://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}
