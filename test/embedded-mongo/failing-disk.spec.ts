import { cpSync, readdirSync, rmSync } from 'node:fs';
import { MongoClient, MongoServerError, type Collection } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as kit from './kit.js';
import { spawnServer, type Fault, type ServerProcess } from './process.js';

interface Item {
  _id: number;
  version: number;
  key: string;
  pad: string;
}

const ITEMS = 20;
const HISTORY_BYTES = 100_000;
/** Enough updates for the file to be rewritten. */
const MANY = 200;

/** 50,000 characters that tell of the version: few writes are enough. */
function padOf(version: number): string {
  return `${version}`.padStart(5).repeat(10_000);
}

describe('a disk that fails', () => {
  /** A data directory to start from. */
  let template: string;
  let directory: string;
  let server: ServerProcess | undefined;
  let client: MongoClient | undefined;
  let later: kit.Running | undefined;

  afterEach(async () => {
    await stop('SIGKILL');
    await later?.stop();
    later = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  /** A process of its own, which the fault may kill. */
  async function start(fault: Fault): Promise<Collection<Item>> {
    server = await spawnServer(directory, 0, ['--history-bytes', `${HISTORY_BYTES}`], fault);
    client = new MongoClient(server.uri, { retryWrites: false, serverSelectionTimeoutMS: 500, maxPoolSize: 4 });
    return client.db('d').collection<Item>('items');
  }

  /** What finds the directory afterwards. */
  async function reopen(): Promise<Collection<Item>> {
    later = await kit.start({ directory, historyBytes: HISTORY_BYTES });
    return later.client.db('d').collection<Item>('items');
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    await client?.close();
    await server?.end(signal);
  }

  beforeAll(async () => {
    directory = kit.newDirectory();
    const items = await reopen();
    await items.createIndex({ key: 1 }, { unique: true });
    await items.insertMany(Array.from({ length: ITEMS }, (_, _id) => ({ _id, version: 0, key: `${_id}/0`, pad: '' })));
    await later?.client.close();
    await later?.server.close();
    later = undefined;
    template = directory;
  });

  beforeEach(() => {
    directory = kit.newDirectory();
    cpSync(template, directory, { recursive: true });
  });

  afterAll(() => rmSync(template, { recursive: true, force: true }));

  /** Gives the items new versions from 4 writers until something goes wrong; answers what was acknowledged. */
  async function write(items: Collection<Item>, upTo: number): Promise<{ acknowledged: number[]; error: unknown }> {
    const acknowledged = Array.from({ length: ITEMS }, () => 0);
    let error: unknown;
    const writer = async (first: number): Promise<void> => {
      for (let i = 0; i < upTo / 4 && error === undefined; i++) {
        const _id = (first + i * 4) % ITEMS;
        const version = i + 1;
        const change = { version, key: `${_id}/${version}`, pad: padOf(version) };
        try {
          await items.updateOne({ _id }, { $set: change });
          acknowledged[_id] = version;
        } catch (thrown) {
          error ??= thrown;
        }
      }
    };
    await Promise.all([0, 1, 2, 3].map(writer));
    return { acknowledged, error };
  }

  /** Every acknowledged version or a later one is there, and documents and index agree. */
  async function verify(items: Collection<Item>, acknowledged: number[]): Promise<void> {
    const found = await items.find().sort({ _id: 1 }).toArray();
    expect(found.length).toBe(ITEMS);
    for (const { _id, version, key, pad } of found) {
      expect(version).toBeGreaterThanOrEqual(acknowledged[_id] ?? 0);
      expect(key).toBe(`${_id}/${version}`);
      expect(pad).toBe(version === 0 ? '' : padOf(version));
      expect(await items.countDocuments({ key })).toBe(1);
    }
    const stats = await (later?.client ?? client)?.db('d').command({ collStats: 'items' });
    expect((stats?.['indexSizes'] as Record<string, number>)['key_1']).toBe(ITEMS);
  }

  it.each<[string, string, number, Fault['outcome']]>([
    ['before a batch is written', 'writeSync', 15, 'killed before'],
    ['in the middle of a batch', 'writeSync', 15, 'killed halfway'],
    ['in the middle of a later batch', 'writeSync', 36, 'killed halfway'],
    ['after a batch is written', 'writeSync', 15, 'killed after'],
    ['before a batch is on disk', 'fdatasync', 15, 'killed before'],
    ['after a batch is on disk', 'fdatasync', 15, 'killed after'],
    ['before the rewritten file is on disk', 'fsyncSync', 1, 'killed before'],
    ['before the rewritten file has its name', 'renameSync', 1, 'killed before'],
    ['after the rewritten file has its name', 'renameSync', 1, 'killed after'],
    ['before the name is on disk', 'fsyncSync', 2, 'killed before'],
    ['after the name is on disk', 'fsyncSync', 2, 'killed after'],
    ['before the old file is removed', 'rmSync', 1, 'killed before'],
    ['after the old file is removed', 'rmSync', 1, 'killed after'],
  ])('killed %s has what it acknowledged', async (_when, call, nth, outcome) => {
    const { acknowledged, error } = await write(await start({ call, nth, outcome }), MANY);
    expect(error).toBeDefined();
    await stop('SIGKILL');
    const items = await reopen();
    await verify(items, acknowledged);
    await expect.poll(() => readdirSync(directory).filter((name) => name.startsWith('data-'))).toHaveLength(1);
    expect((await write(items, 8)).error).toBeUndefined();
  });

  it.each([
    ['a sync', 'fdatasync', 10],
    ['a write', 'writeSync', 10],
  ])('by %s: nothing is written until a restart, and reading goes on', async (_what, call, nth) => {
    const items = await start({ call, nth, outcome: 'EIO' });
    const { acknowledged, error } = await write(items, MANY);
    expect(error).toBeInstanceOf(MongoServerError);
    expect(error).toMatchObject({ code: 1, message: expect.stringContaining('EIO') as string });
    await verify(items, acknowledged);
    await expect(items.insertOne({ _id: 99, version: 0, key: '99/0', pad: '' })).rejects.toMatchObject({
      code: 1,
      message: expect.stringContaining('restart to write again') as string,
    });
    await stop('SIGTERM');
    await verify(await reopen(), acknowledged);
  });

  it('by having no room for one batch refuses that and goes on', async () => {
    const items = await start({ call: 'writeSync', nth: 10, times: 2, outcome: 'ENOSPC' });
    const { acknowledged, error } = await write(items, MANY);
    expect(error).toMatchObject({ code: 14031 });
    await verify(items, acknowledged);
    expect((await write(items, 8)).error).toBeUndefined();
  });

  it('shows nothing of a batch that it had no room for, before a restart as after it', async () => {
    const items = await start({ call: 'writeSync', nth: 10, times: 2, outcome: 'ENOSPC' });
    expect((await write(items, MANY)).error).toMatchObject({ code: 14031 });
    const shown = await items.find().sort({ _id: 1 }).toArray();
    await stop('SIGKILL');
    expect(await (await reopen()).find().sort({ _id: 1 }).toArray()).toEqual(shown);
  });

  it.each([
    ['the sync of the new file', 'fsyncSync', 1],
    ['its name', 'renameSync', 1],
  ])('when a file is rewritten, by %s, goes on with the old one', async (_what, call, nth) => {
    const { acknowledged, error } = await write(await start({ call, nth, outcome: 'EIO' }), MANY);
    expect(error).toBeUndefined();
    await stop('SIGKILL');
    await verify(await reopen(), acknowledged);
  });

  it('when nobody knows which file a restart would find, writes nothing more', async () => {
    const { acknowledged, error } = await write(await start({ call: 'fsyncSync', nth: 2, outcome: 'EIO' }), MANY);
    expect(error).toMatchObject({ code: 1, message: expect.stringContaining('restart to write again') as string });
    await stop('SIGKILL');
    await verify(await reopen(), acknowledged);
  });
});
