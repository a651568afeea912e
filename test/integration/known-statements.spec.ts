import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Dispatcher } from '../../src/embedded-mongo/dispatcher.js';
import type { InstalledPlugin } from '../../src/installed-plugin/installed-plugin.js';
import type { InstanceReport } from '../../src/installed-plugin/instance-report.js';
import type { PublishedPlugin } from '../../src/installed-plugin/published-plugin.js';
import { RepairService } from '../../src/installed-plugin/repair.service.js';
import { InstalledRooms, SUPERVISOR } from '../support/installed-rooms.js';

const ONE = 'grpc://127.0.0.1:1';
const OTHER = 'grpc://127.0.0.1:2';

let rooms: InstalledRooms;
let plugins: InstalledPlugin[];

beforeEach(async () => {
  rooms = await InstalledRooms.start();
  plugins = [];
  for (const pluginId of ['plugin-a', 'plugin-b', 'plugin-c']) {
    const { id } = await rooms.want({ pluginId });
    plugins.push(await rooms.ready(id, [ONE]));
  }
});

afterEach(async () => {
  await rooms[Symbol.asyncDispose]();
});

/** The instances that are written to one by one meanwhile. */
async function written(action: () => Promise<void>): Promise<unknown[]> {
  const dispatch = vi.spyOn(Dispatcher.prototype, 'dispatch');
  await action();
  const commands = dispatch.mock.calls;
  dispatch.mockRestore();
  return commands.flatMap(([command]) => {
    const { update, updates } = command as { update?: string; updates?: { q: { _id?: { $eq?: unknown } } }[] };
    if (update !== 'installed_plugins') return [];
    return (updates ?? []).map(({ q }) => q._id?.$eq).filter((id) => id !== undefined);
  });
}

const idOf = (pluginId: string) => `${SUPERVISOR}/${pluginId}@1.0.0`;

describe('a supervisor that connects anew', () => {
  const connects = (reports: readonly InstanceReport[]) =>
    written(() => rooms.reports.takeStock({ supervisorId: SUPERVISOR, epoch: 2 }, reports));
  const reportOf = (plugin: InstalledPlugin, changes: Partial<InstanceReport> = {}): InstanceReport => ({
    pluginId: plugin.pluginId,
    version: plugin.version,
    assignedAt: new Date(plugin.createdAt),
    generation: plugin.generation,
    endpoints: plugin.endpoints,
    phase: 'READY',
    incarnation: plugin.incarnation,
    reason: '',
    fault: 'PASSING',
    outputTail: '',
    restarts: 0,
    nextStartAt: null,
    ...changes,
  });

  it('has nothing written of what it reports as it is known', async () => {
    expect(await connects(plugins.map((plugin) => reportOf(plugin)))).toEqual([]);
    for (const { id } of plugins) expect(await rooms.find(id)).toMatchObject({ state: 'ACTIVE', endpoints: [ONE] });
  });

  it.each([
    ['where it serves', { endpoints: [OTHER] }, { state: 'ACTIVE', endpoints: [OTHER] }],
    ['its start', { incarnation: 7 }, { state: 'ACTIVE', incarnation: 7 }],
    ['that it is down', { phase: 'DOWN', endpoints: [] }, { state: 'RE_PROVISIONING', endpoints: [] }],
  ] as const)('has written what is new: %s', async (_, changes, expected) => {
    const [first, ...others] = plugins as [InstalledPlugin, ...InstalledPlugin[]];
    const reports = [reportOf(first, changes), ...others.map((plugin) => reportOf(plugin))];
    expect(await connects(reports)).toEqual([first.id]);
    expect(await rooms.find(first.id)).toMatchObject(expected);
  });
});

describe('a supervisor that publishes', () => {
  let number = 0;
  const publishes = (statements: readonly PublishedPlugin[]) =>
    written(() => rooms.reports.takePublished({ supervisorId: SUPERVISOR, epoch: 1, number: ++number }, statements));
  const statement = (pluginId: string, changes: Partial<PublishedPlugin> = {}): PublishedPlugin => ({
    pluginId,
    version: '1.0.0',
    phase: 'SERVING',
    endpoints: [ONE],
    ...changes,
  });
  const all = (changes: Partial<PublishedPlugin> = {}) => [
    statement('plugin-a', changes),
    statement('plugin-b'),
    statement('plugin-c'),
  ];

  it('has nothing written of what it publishes as it is known, or of what nobody wants', async () => {
    expect(await publishes([...all(), statement('plugin-unknown')])).toEqual([]);
    expect(await publishes(all({ phase: 'FAILED' }))).toEqual([idOf('plugin-a')]);
    expect(await publishes(all({ phase: 'FAILED' }))).toEqual([]);
    expect(await rooms.find(idOf('plugin-a'))).toMatchObject({ state: 'ERROR' });
    expect(await rooms.find(idOf('plugin-b'))).toMatchObject({ state: 'ACTIVE', endpoints: [ONE] });
  });

  it.each([
    ['where it serves', { endpoints: [OTHER] }, { state: 'ACTIVE', endpoints: [OTHER] }],
    ['that it serves no more', { phase: 'STARTING' }, { state: 'PROVISIONING', endpoints: [] }],
  ] as const)('has written what is new: %s', async (_, changes, expected) => {
    expect(await publishes(all(changes))).toEqual([idOf('plugin-a')]);
    expect(await rooms.find(idOf('plugin-a'))).toMatchObject(expected);
  });

  it('has the endpoint written that serves beside the one that was complained of, once', async () => {
    const repair = rooms.module.get(RepairService, { strict: false });
    const [{ supervisorId, pluginId, version, domainId }] = plugins as [InstalledPlugin];
    await repair.reportFailure({ supervisorId, pluginId, version, domainId });
    const both = all({ endpoints: [ONE, OTHER] });
    expect(await publishes(both)).toEqual([idOf('plugin-a')]);
    expect(await publishes(both)).toEqual([]);
    expect(await rooms.find(idOf('plugin-a'))).toMatchObject({ state: 'ACTIVE', endpoints: [OTHER] });
    expect(await publishes(all({ endpoints: [ONE] }))).toEqual([idOf('plugin-a')]);
  });
});
