import { afterAll, beforeAll, expect, it } from 'vitest';
import { IdleBindings } from '../../src/installed-plugin/idle-bindings.service.js';
import { IdleRepository } from '../../src/installed-plugin/idle.repository.js';
import { InstalledRooms, wish } from '../support/installed-rooms.js';

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

it('removes a binding only if the mark that was seen is still on it', async () => {
  const repository = rooms.module.get(IdleRepository, { strict: false });
  await rooms.want({ pluginId: 'plugin-idle' });
  const { id } = await rooms.installed.bind(
    { ...wish, pluginId: 'plugin-idle' },
    { supervisorId: 's', supervisorDomainId: 'd' },
  );
  const idle = { calledBefore: new Date(Date.now() + 60_000), plugins: { $in: ['plugin-idle'] } };

  expect(await repository.mark(idle)).toBe(1);
  expect(await repository.mark(idle)).toBe(0);
  const [seen] = await repository.markedFor(0);
  expect(seen?.id).toBe(id);
  expect(await repository.markedFor(3_600_000)).toEqual([]);
  expect(await repository.keep(id)).toMatchObject({ id, idle: false });
  expect(await repository.keep(id)).toBeUndefined();
  expect(seen && (await repository.remove(seen))).toBe(false);

  await repository.mark(idle);
  const [again] = await repository.markedFor(0);
  expect(again && (await repository.remove(again))).toBe(true);
});
