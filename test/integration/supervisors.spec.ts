import 'reflect-metadata';
import type { Db } from 'mongodb';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseModule } from '../../src/database/database.module.js';
import { modelProvider } from '../../src/database/model-provider.js';
import type { Supervisor } from '../../src/supervisor/supervisor.js';
import { SupervisorAnnouncementRepository } from '../../src/supervisor/supervisor-announcement.repository.js';
import { SUPERVISOR_OPTIONS } from '../../src/supervisor/supervisor.options.js';
import { SupervisorRepository } from '../../src/supervisor/supervisor.repository.js';
import { SupervisorDocument, SupervisorSchema } from '../../src/supervisor/supervisor.schema.js';
import { type SharedDatabase, startDatabase } from '../support/database.js';

const HOUR = 3_600_000;
const DOMAIN = 'domain-a';

let database: SharedDatabase;
let module: TestingModule;
let repository: SupervisorRepository;
let announcements: SupervisorAnnouncementRepository;
let hosts = 0;

beforeAll(async () => {
  database = await startDatabase();
  module = await Test.createTestingModule({
    imports: [DatabaseModule.forRoot({ uri: database.uri })],
    providers: [
      modelProvider(SupervisorDocument, SupervisorSchema),
      SupervisorRepository,
      SupervisorAnnouncementRepository,
      { provide: SUPERVISOR_OPTIONS, useValue: { autoEnable: true, heartbeatInterval: 3_000, lease: HOUR } },
    ],
  }).compile();
  await module.init();
  repository = module.get(SupervisorRepository);
  announcements = module.get(SupervisorAnnouncementRepository);
});
afterAll(async () => {
  await module.close();
  await database.close();
});

const rows = () => (database.db as Db).collection<{ _id: string }>('supervisors');
const announced = (changes: object = {}) => ({ domainId: DOMAIN, hostname: `host-${hosts}`, name: 'one', ...changes });
const connected = (leaseMs = HOUR) => (hosts++, announcements.connect(announced(), leaseMs));
const known = async (id: string) => (await repository.findById(id)) as Supervisor;
/** How long its lease lasts yet, in hours. */
const leaseOf = async (id: string) =>
  Math.max(0, Math.round(((await known(id)).leaseExpiresAt.getTime() - Date.now()) / HOUR));

describe('a connection', () => {
  it('counts more than those before it, which neither renew nor end what is its own now', async () => {
    const { id, epoch } = await connected();
    expect(await announcements.connect(announced(), HOUR)).toMatchObject({ id, epoch: epoch + 1, state: 'ENABLED' });
    expect(await repository.renewLease(id, epoch, 5 * HOUR)).toBe('replaced');
    await repository.releaseLease(id, epoch);
    await repository.shortenLease(id, epoch, 0);
    expect(await known(id)).toMatchObject({ state: 'ENABLED', lost: false, silent: false, departed: false });
    expect(await leaseOf(id)).toBe(1);
    expect(await repository.renewLease(id, epoch + 1, 5 * HOUR)).toBe('renewed');
    expect(await leaseOf(id)).toBe(5);
  });

  it('is told that its lease is over when the supervisor is lost, or gone', async () => {
    const { id, epoch } = await connected(-1);
    while ((await repository.disconnectExpired()) !== undefined);
    expect(await repository.renewLease(id, epoch, HOUR)).toBe('over');
    await repository.delete(id, DOMAIN);
    expect(await repository.renewLease(id, epoch, HOUR)).toBe('over');
  });

  it('that ends in good order leaves a supervisor that is not waited for', async () => {
    const { id, epoch } = await connected();
    await repository.releaseLease(id, epoch);
    expect(await known(id)).toMatchObject({ state: 'DISCONNECTED', lost: true, departed: true });
    expect(await leaseOf(id)).toBe(0);
  });

  it('that breaks leaves one that is silent, for no longer than it would have had', async () => {
    const { id, epoch } = await connected(4 * HOUR);
    await repository.shortenLease(id, epoch, 9 * HOUR);
    expect([await leaseOf(id), (await known(id)).silent]).toEqual([4, true]);
    await repository.shortenLease(id, epoch, HOUR);
    expect(await leaseOf(id)).toBe(1);
    await repository.renewLease(id, epoch, 4 * HOUR);
    expect([await leaseOf(id), (await known(id)).silent]).toEqual([4, false]);
    await repository.releaseLease(id, epoch);
    await repository.shortenLease(id, epoch, HOUR);
    expect(await known(id)).toMatchObject({ departed: true, silent: false });
  });
});

describe('leases', () => {
  it('end once they have run out, and no link that they belonged to counts any more', async () => {
    while ((await repository.disconnectExpired()) !== undefined);
    const [good, over] = [await connected(), await connected(-1)];
    expect(await repository.isAnyDue(0)).toBe(true);
    const lost = await repository.disconnectExpired();
    expect(lost).toMatchObject({ id: over.id, state: 'DISCONNECTED', lost: true, epoch: over.epoch + 1 });
    expect(await repository.disconnectExpired()).toBeUndefined();
    expect(await known(good.id)).toMatchObject({ state: 'ENABLED', lost: false, epoch: good.epoch });
    expect(await repository.isAnyDue(0)).toBe(false);
    expect(await announcements.connect(announced(), HOUR)).toMatchObject({
      id: over.id,
      state: 'ENABLED',
      lost: false,
    });
  });

  it('that are about to end are told apart from those that are not', async () => {
    const [late, good] = [await connected(HOUR), await connected(3 * HOUR)];
    expect(await repository.isAnyDue(2 * HOUR)).toBe(true);
    expect(await repository.markSilent(2 * HOUR)).toBeGreaterThan(0);
    expect(await repository.markSilent(2 * HOUR)).toBe(0);
    expect([(await known(late.id)).silent, (await known(good.id)).silent]).toEqual([true, false]);
  });
});

describe('a supervisor that publishes', () => {
  it('disturbs no link, and takes over from one that was lost', async () => {
    const { id, epoch } = await connected();
    expect(await announcements.publish(announced())).toBeUndefined();
    expect(await known(id)).toMatchObject({ epoch, state: 'ENABLED' });
    await repository.releaseLease(id, epoch);
    expect(await announcements.publish(announced())).toMatchObject({
      supervisor: { id, epoch: epoch + 1, state: 'ENABLED', departed: false },
      number: 1,
    });
    expect(await announcements.publish(announced())).toMatchObject({ supervisor: { epoch: epoch + 1 }, number: 2 });
  });
});

describe('what a supervisor says of itself', () => {
  it('makes one of many that announce it at once, each connection counted', async () => {
    hosts++;
    const all = await Promise.all(Array.from({ length: 8 }, () => announcements.connect(announced(), HOUR)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all.map(({ epoch }) => epoch).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await rows().countDocuments({ hostname: `host-${hosts}` })).toBe(1);
  });

  it('does not undo what its administrators have changed, until it says something else', async () => {
    hosts++;
    const { id } = await announcements.connect(announced({ labels: { zone: 'a' }, tags: { t: 1 } }), HOUR);
    await repository.update(id, DOMAIN, { name: 'changed', labels: { zone: 'b' }, priority: 7 });
    const again = await announcements.connect(announced({ labels: { zone: 'a' }, tags: { t: 2 } }), HOUR);
    expect(again).toMatchObject({ name: 'changed', labels: { zone: 'b' }, priority: 7, tags: { t: 2 } });
    const other = await announcements.connect(announced({ name: 'two', labels: { zone: 'c' } }), HOUR);
    expect(other).toMatchObject({ name: 'two', labels: { zone: 'c' }, tags: { t: 2 } });
  });

  it('makes one that is called root serve all domains', async () => {
    hosts++;
    expect(await announcements.connect(announced({ name: 'root' }), HOUR)).toMatchObject({ isPublic: true });
    hosts++;
    expect(await announcements.connect(announced(), HOUR)).toMatchObject({ isPublic: false });
  });
});

describe('what is done with a supervisor', () => {
  it('is possible in some states only, and in its own domain', async () => {
    const { id } = await connected();
    expect(await repository.act('register', id, DOMAIN)).toBeUndefined();
    expect(await repository.act('disable', id, 'domain-b')).toBeUndefined();
    expect(await repository.act('disable', id, DOMAIN, { priority: 2 })).toMatchObject({
      state: 'DISABLED',
      priority: 2,
    });
    expect(await repository.act('enable', id, DOMAIN)).toMatchObject({ state: 'ENABLED' });
    expect(await repository.update(id, 'domain-b', { name: 'mine' })).toBeUndefined();
    expect(await repository.update(id, DOMAIN, { isPublic: true, labels: { $a: '$b' } })).toMatchObject({
      isPublic: true,
      labels: { $a: '$b' },
    });
    expect(await repository.delete(id, 'domain-b')).toBeUndefined();
    expect(await repository.delete(id, DOMAIN)).toMatchObject({ id });
  });
});
