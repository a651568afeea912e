import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InstanceReport } from '../../src/installed-plugin/instance-report.js';
import type { InstalledPlugin } from '../../src/installed-plugin/installed-plugin.js';
import { InstanceOutputRepository } from '../../src/installed-plugin/instance-output.repository.js';
import { RemovalService } from '../../src/installed-plugin/removal.service.js';
import { RepairService } from '../../src/installed-plugin/repair.service.js';
import { DOMAIN, InstalledRooms, SUPERVISOR } from '../support/installed-rooms.js';

const HERE = 'grpc://127.0.0.1:1';
const THERE = 'grpc://127.0.0.1:2';

let rooms: InstalledRooms;
let count = 0;
/** An instance that has just been wanted. */
let wanted: InstalledPlugin;

beforeAll(async () => {
  rooms = await InstalledRooms.start();
});
afterAll(() => rooms[Symbol.asyncDispose]());
beforeEach(async () => {
  wanted = await rooms.want({ pluginId: `plugin-${++count}` });
});

const now = () => rooms.find(wanted.id);

/** What the supervisor says of the instance, over the connection of that epoch. */
async function report(changes: Partial<InstanceReport> = {}, epoch = 1): Promise<InstalledPlugin> {
  const { pluginId, version, createdAt } = wanted;
  await rooms.reports.applyReport(
    { supervisorId: SUPERVISOR, epoch },
    {
      ...{ pluginId, version, assignedAt: new Date(createdAt), generation: 1, incarnation: 1, phase: 'READY' },
      ...{ endpoints: [HERE], reason: '', fault: 'PASSING', outputTail: '', restarts: 0, nextStartAt: null },
      ...changes,
    },
  );
  return now();
}

/** Somebody wants another instance in its place. */
async function replace(): Promise<InstalledPlugin> {
  const { pluginId, version } = wanted;
  const name = { supervisorId: SUPERVISOR, pluginId, version, domainId: DOMAIN };
  return rooms.module.get(RepairService, { strict: false }).recover(name);
}

describe('a report counts', () => {
  it('about the generation that is wanted, and about no other', async () => {
    expect(await report()).toMatchObject({ state: 'ACTIVE', endpoints: [HERE], incarnation: 1, observedGeneration: 1 });
    expect(await replace()).toMatchObject({ state: 'RE_PROVISIONING', generation: 2, afterIncarnation: 1 });
    expect(await report({ incarnation: 2 })).toMatchObject({ state: 'RE_PROVISIONING', endpoints: [] });
    expect(await report({ incarnation: 2, generation: 2, endpoints: [THERE] })).toMatchObject({
      ...{ state: 'ACTIVE', endpoints: [THERE], observedGeneration: 2 },
    });
  });

  it('of the newest connection, and of no older one', async () => {
    await report();
    await rooms.reports.fence({ supervisorId: SUPERVISOR, epoch: 4 });
    expect(await report({ endpoints: [THERE], incarnation: 2 }, 3)).toMatchObject({ endpoints: [HERE] });
    expect(await report({ endpoints: [THERE], incarnation: 2 }, 4)).toMatchObject({ endpoints: [THERE] });
  });

  it('about the last start that is known, or a later one', async () => {
    await report({ incarnation: 3 }, 4);
    expect(await report({ incarnation: 2, endpoints: [THERE] }, 4)).toMatchObject({
      endpoints: [HERE],
      incarnation: 3,
    });
    expect(await report({ incarnation: 3, endpoints: [THERE] }, 4)).toMatchObject({ endpoints: [THERE] });
  });

  it('once: said again it changes nothing', async () => {
    const { revision } = await report({}, 4);
    expect(await report({}, 4)).toMatchObject({ revision });
  });
});

describe('what a report says', () => {
  it('is that it is started again, once it had served, at the endpoint that is the least bad', async () => {
    expect(await report({ phase: 'STARTING', endpoints: [], reason: 'no port' }, 4)).toMatchObject({
      ...{ state: 'PROVISIONING', stateReason: 'no port', endpoints: [] },
    });
    await report({}, 4);
    const down = { phase: 'DOWN', reason: 'exited', outputTail: 'oops', restarts: 2 } as const;
    expect(await report({ ...down, nextStartAt: new Date(5) }, 4)).toMatchObject({
      state: 'RE_PROVISIONING',
      stateReason: 'exited; it printed: oops',
      endpoints: [HERE],
      restarts: 2,
      nextStartAt: new Date(5),
    });
  });

  it('is that it was given up, until it is started again', async () => {
    const failed = { phase: 'FAILED', endpoints: [], reason: 'gave up' } as const;
    expect(await report({ ...failed, nextStartAt: new Date(5) }, 4)).toMatchObject({
      ...{ state: 'ERROR', stateReason: 'gave up', endpoints: [], nextStartAt: new Date(5) },
    });
    expect(await report({ phase: 'STARTING', endpoints: [], incarnation: 2 }, 4)).toMatchObject({
      ...{ state: 'RE_PROVISIONING', stateReason: '', nextStartAt: null },
    });
  });
});

describe('a supervisor that connects', () => {
  const takeStock = (epoch: number) => rooms.reports.takeStock({ supervisorId: SUPERVISOR, epoch }, []);

  it('has to start again above what was known of what it does not run any more', async () => {
    await report({ incarnation: 3 }, 4);
    await takeStock(5);
    expect(await now()).toMatchObject({ state: 'RE_PROVISIONING', afterIncarnation: 3, endpoints: [] });
    const { revision } = await now();
    await takeStock(6);
    // Its connections count, and nothing else has changed.
    expect(await now()).toMatchObject({ state: 'RE_PROVISIONING', afterIncarnation: 3, revision: revision + 1 });
  });

  it('is waited for where it has not started an instance yet', async () => {
    await takeStock(7);
    expect(await now()).toMatchObject({ state: 'PROVISIONING', afterIncarnation: 0 });
  });
});

describe('what an instance printed', () => {
  const failed = { phase: 'FAILED', endpoints: [], reason: 'exited' } as const;
  const output = '설정이 없습니다\n'.repeat(3_000);
  const kept = () => rooms.installed.outputOf(wanted.id);

  it('is kept whole beside its end in the reason, until there is a newer one, and goes with the instance', async () => {
    expect(await kept()).toBe('');
    const { stateReason } = await report({ ...failed, outputTail: output });
    expect(stateReason).toMatch(/^exited; it printed: \[…\]/);
    expect(await kept()).toBe(output);
    // A hello of many instances cuts it shorter.
    await report({ ...failed, outputTail: `[…]${output.slice(-99)}`, incarnation: 2 });
    expect(await kept()).toBe(output);
    await report({ ...failed, outputTail: 'another', incarnation: 3 });
    expect(await kept()).toBe('another');
    await rooms.db.collection('installed_plugin_refs').deleteMany({ installed_plugin_id: wanted.id });
    await rooms.module.get(RemovalService, { strict: false }).removeUnbound(wanted.id);
    expect(await kept()).toBe('');
  });

  it('is kept of those alone that failed last', async () => {
    const outputs = rooms.module.get(InstanceOutputRepository, { strict: false });
    const at = (second: number) => new Date(second * 1_000);
    const older = Array.from({ length: 520 }, (_, second) => ({ _id: `old-${second}`, output: 'x', at: at(second) }));
    const collection = rooms.db.collection<{ _id: string }>('instance_outputs');
    await collection.deleteMany({});
    await collection.insertMany(older);
    await outputs.keep('newest', 'y');
    expect(await collection.countDocuments()).toBe(500);
    expect(await outputs.find('old-20')).toBeUndefined();
    expect(await outputs.find('old-21')).toBe('x');
    expect(await outputs.find('newest')).toBe('y');
  });
});
