import { afterEach, beforeEach, expect, it } from 'vitest';
import { RemovalService } from '../../src/installed-plugin/removal.service.js';
import { InstalledRooms } from '../support/installed-rooms.js';

let rooms: InstalledRooms;

beforeEach(async () => {
  rooms = await InstalledRooms.start();
});

afterEach(() => rooms[Symbol.asyncDispose]());

it('leaves nothing behind that could be taken for what is wanted again under the same id', async () => {
  const { id, revision, createdAt } = await rooms.want();
  const served = await rooms.ready(id);
  const binding = await rooms.db.collection('installed_plugin_refs').findOneAndDelete({ installed_plugin_id: id });
  await rooms.module.get(RemovalService, { strict: false }).removeUnbound(id);
  expect(await rooms.installed.find(id)).toBeUndefined();

  const again = await rooms.want();
  expect(again).toMatchObject({ id, state: 'PROVISIONING', generation: 1, endpoints: [] });
  // Who has not heard of the removal yet takes this one for the newer.
  expect(again.revision).toBeGreaterThan(served.revision);
  expect(served.revision).toBeGreaterThan(revision);
  const bound = await rooms.db.collection('installed_plugin_refs').findOne({ installed_plugin_id: id });
  expect(bound?.['revision']).toBeGreaterThan(binding?.['revision'] as number);
  // What its supervisor still says of the one before does not count.
  await rooms.ready(id, ['grpc://127.0.0.1:2'], createdAt);
  expect(await rooms.find(id)).toMatchObject({ state: 'PROVISIONING', endpoints: [] });
  expect(await rooms.ready(id)).toMatchObject({ state: 'ACTIVE' });
});
