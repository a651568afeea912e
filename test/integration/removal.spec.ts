import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RemovalRepository } from '../../src/installed-plugin/removal.repository.js';
import { RemovalService } from '../../src/installed-plugin/removal.service.js';
import { DOMAIN, InstalledRooms, SUPERVISOR, wish } from '../support/installed-rooms.js';

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

it('is given up where somebody is bound to the instance after it was marked', async () => {
  const { id } = await rooms.want();
  const repository = rooms.module.get(RemovalRepository, { strict: false });
  await rooms.db.collection('installed_plugin_refs').deleteMany({});
  const mark = repository.mark.bind(repository);
  vi.spyOn(repository, 'mark').mockImplementationOnce(async (...args) => {
    const there = await mark(...args);
    await rooms.installed.bind(wish, { supervisorId: SUPERVISOR, supervisorDomainId: DOMAIN });
    return there;
  });
  await rooms.module.get(RemovalService, { strict: false }).removeUnbound(id);
  expect(await rooms.find(id)).toMatchObject({ retiring: false });
});

it('is not gone through with where the instance is wanted again, nor by whoever marked it before another', async () => {
  const { id } = await rooms.want();
  const repository = rooms.module.get(RemovalRepository, { strict: false });
  await repository.mark(id, 'mine');
  expect(await rooms.find(id)).toMatchObject({ retiring: true });
  expect(await rooms.want()).toMatchObject({ retiring: false });
  expect(await repository.delete(id, 'mine')).toBeUndefined();
  await repository.mark(id, 'mine');
  await repository.mark(id, 'of another');
  await repository.unmark(id, 'mine');
  expect(await repository.delete(id, 'mine')).toBeUndefined();
  expect(await repository.delete(id, 'of another')).toMatchObject({ instance: { id } });
  expect(await repository.mark(id, 'mine')).toBe(false);
});
