import { afterAll, beforeAll, expect, it } from 'vitest';
import { IdleBindings } from '../../src/installed-plugin/idle-bindings.service.js';
import { InstalledRooms } from '../support/installed-rooms.js';

/** More than are written down by one command. */
const MANY = 1_203;

let rooms: InstalledRooms;

beforeAll(async () => {
  rooms = await InstalledRooms.start();
});

afterAll(() => rooms[Symbol.asyncDispose]());

it('writes down when each of many bindings was asked for, and keeps what is newer', async () => {
  const refs = rooms.db.collection<{ _id: string; called_at: Date }>('installed_plugin_refs');
  const [before, now, later] = [new Date(1_000), new Date(2_000), new Date(3_000)];
  const ids = Array.from({ length: MANY }, (_, at) => `binding-${at}`);
  await refs.insertMany(ids.map((_id, at) => ({ _id, called_at: at === 7 ? later : before })));

  const calls = ids.map((id): readonly [string, Date] => [id, now]);
  await rooms.module.get(IdleBindings, { strict: false }).noteCalls([...calls, ['binding-gone', now]]);

  expect(await refs.countDocuments({ called_at: now })).toBe(MANY - 1);
  expect(await refs.findOne({ called_at: later })).toMatchObject({ _id: 'binding-7' });
  expect(await refs.countDocuments()).toBe(MANY);
});
