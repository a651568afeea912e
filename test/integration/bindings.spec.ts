import { afterAll, beforeAll, expect, it } from 'vitest';
import { InstalledRooms, SUPERVISOR, wish } from '../support/installed-rooms.js';

let rooms: InstalledRooms;

beforeAll(async () => {
  rooms = await InstalledRooms.start();
});
afterAll(() => rooms[Symbol.asyncDispose]());

const at = (supervisorId: string) => ({ supervisorId, supervisorDomainId: wish.domainId });

it('is made once: the first caller decides where it leads', async () => {
  const key = { ...wish, pluginId: 'plugin-made-once' };
  const bindings = await Promise.all(['s1', 's2', 's3'].map((id) => rooms.installed.bind(key, at(id))));
  expect(new Set(bindings.map(({ supervisorId }) => supervisorId)).size).toBe(1);
  expect(await rooms.installed.bind(key, at('s4'))).toEqual(bindings[0]);
});

it('is moved once, by the first of those who saw it where it was', async () => {
  const seen = await rooms.installed.bind({ ...wish, pluginId: 'plugin-moved-once' }, at(SUPERVISOR));
  const first = await rooms.installed.rebind(seen, at('s1'));
  expect(first).toMatchObject({ supervisorId: 's1', revision: seen.revision + 1 });
  expect(await rooms.installed.rebind(seen, at('s2'))).toEqual(first);
});
