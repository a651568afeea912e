import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient, MongoServerError, type Document, type ResumeToken } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { newDirectory, type Any } from './kit.js';
import { freePort } from '../support/free-port.js';
import { size } from '../support/layer.js';
import { spawnServer, type ServerProcess } from './process.js';

const WRITERS = 8;

interface Item extends Any {
  _id: string;
  key: string;
  n?: number;
}

/** What the writers of one round were told, and what they had asked for. */
interface Told {
  inserted: Set<string>;
  counted: Map<string, number>;
  asked: Map<string, number>;
  refused: number;
}

/** Inserts and counts from several writers until told to stop or refused, noting every acknowledgement. */
async function write(uri: string, round: number, padding: number, until: () => boolean, told: Told): Promise<void> {
  const client = new MongoClient(uri, { retryWrites: false, serverSelectionTimeoutMS: 300, maxPoolSize: WRITERS });
  const items = client.db('crash').collection<Item>('items');
  const writer = async (w: number): Promise<void> => {
    for (let i = 0; !until(); i++) {
      const _id = `${round}-${w}-${i}`;
      try {
        await items.insertOne({ _id, key: `key-${_id}`, pad: 'x'.repeat(padding * (1 + (i % 3))) });
        told.inserted.add(_id);
        const counter = `counter-${w}`;
        told.asked.set(counter, (told.asked.get(counter) ?? 0) + 1);
        const after = await items.findOneAndUpdate(
          { _id: counter },
          { $inc: { n: 1 }, $setOnInsert: { key: counter } } as Document,
          { upsert: true, returnDocument: 'after' },
        );
        told.counted.set(counter, after?.n ?? 0);
      } catch (error) {
        // The server is gone, or the machine is too busy for it to answer in time.
        if (!(error instanceof MongoServerError)) continue;
        expect(error.code).toBe(14031);
        told.refused++;
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, w) => writer(w)));
  await client.close(true);
}

/** Checks everything that was acknowledged, and the events since a token; answers the newest token. */
async function verify(uri: string, told: Told, token: ResumeToken | undefined): Promise<ResumeToken> {
  const client = new MongoClient(uri);
  const items = client.db('crash').collection<Item>('items');
  const ids = [...told.inserted];
  const found = await items.find({ _id: { $in: ids } }, { projection: { key: 1 } }).toArray();
  expect(new Set(found.map(({ _id }) => _id))).toEqual(told.inserted);
  expect(found.every(({ _id, key }) => key === `key-${_id}`)).toBe(true);
  for (const [counter, n] of told.counted) {
    const stored = (await items.findOne({ _id: counter }))?.n ?? 0;
    expect(stored).toBeGreaterThanOrEqual(n);
    expect(stored).toBeLessThanOrEqual(told.asked.get(counter) ?? 0);
  }
  const stats = await client.db('crash').command({ collStats: 'items' });
  expect((stats['indexSizes'] as Record<string, number>)['key_1']).toBe(stats['count']);
  const keys = await items.aggregate([{ $group: { _id: '$key' } }, { $count: 'n' }]).toArray();
  expect(keys[0]?.['n'] ?? 0).toBe(stats['count']);
  const stream = items.watch(
    [{ $match: { operationType: 'insert' } }, { $project: { documentKey: 1 } }],
    token ? { resumeAfter: token, maxAwaitTimeMS: 10 } : { maxAwaitTimeMS: 10 },
  );
  const events: string[] = [];
  for (let event = await stream.tryNext(); event; event = await stream.tryNext()) {
    events.push((event as unknown as { documentKey: { _id: string } }).documentKey._id);
  }
  if (token) {
    expect(new Set(events).size).toBe(events.length);
    const missing = ids.filter((id) => !events.includes(id));
    expect(missing).toEqual([]);
  }
  const newest = stream.resumeToken;
  await stream.close();
  await client.close();
  return newest;
}

function nothingTold(asked = new Map<string, number>()): Told {
  return { inserted: new Set(), counted: new Map(), asked, refused: 0 };
}

describe('after a crash', () => {
  let server: ServerProcess | undefined;
  const cleanups: (() => void)[] = [];

  afterEach(async () => {
    await server?.end('SIGKILL');
    for (const cleanup of cleanups.splice(0)) cleanup();
  });

  async function prepared(directory: string, port: number): Promise<ServerProcess> {
    const first = await spawnServer(directory, port);
    const client = new MongoClient(first.uri);
    await client
      .db('crash')
      .collection<Item>('items')
      .createIndexes([{ key: { key: 1 }, unique: true }, { key: { n: 1 } }]);
    await client.close();
    return first;
  }

  it('kill -9 under 8 writers loses nothing that was acknowledged', { tags: ['sized'], timeout: 600_000 }, async () => {
    const kills = size(8, 50);
    const directory = newDirectory();
    cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
    const port = await freePort();
    server = await prepared(directory, port);
    let token = await verify(server.uri, nothingTold(), undefined);
    const asked = new Map<string, number>();
    let acknowledged = 0;
    for (let round = 0; round < kills; round++) {
      const told = nothingTold(asked);
      let over = false;
      const writing = write(server.uri, round, 2500, () => over, told);
      // At another moment each time, but never before something was acknowledged.
      const least = Math.floor(Math.random() * 60);
      await expect.poll(() => told.inserted.size, { interval: 1 }).toBeGreaterThan(least);
      await server.end('SIGKILL');
      over = true;
      await writing;
      acknowledged += told.inserted.size;
      server = await spawnServer(directory, port);
      token = await verify(server.uri, told, token);
    }
    expect(acknowledged).toBeGreaterThan(4 * kills);
  });

  const canMount = mountable();
  it.skipIf(!canMount)(
    'a disk that runs full refuses writes, reads on, loses nothing, and recovers (needs root to mount a tmpfs)',
    { tags: ['sized'], timeout: 600_000 },
    async () => {
      const directory = newDirectory();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', directory]);
      cleanups.push(() => {
        execFileSync('umount', ['-l', directory]);
        rmSync(directory, { recursive: true, force: true });
      });
      const data = join(directory, 'data');
      mkdirSync(data);
      const port = await freePort();
      server = await prepared(data, port);
      let token = await verify(server.uri, nothingTold(), undefined);
      const asked = new Map<string, number>();
      for (let round = 0; round < size(2, 5); round++) {
        writeFileSync(join(directory, 'filler'), Buffer.alloc(1024 * 1024 * (5 - round)));
        const told = nothingTold(asked);
        await write(server.uri, round, 3000, () => false, told);
        expect(told.refused).toBe(WRITERS);
        await verify(server.uri, told, token);
        await server.end('SIGKILL');
        server = await spawnServer(data, port);
        token = await verify(server.uri, told, token);
        rmSync(join(directory, 'filler'));
        const after = nothingTold(asked);
        let writes = 0;
        await write(server.uri, 100 + round, 10, () => ++writes > 80, after);
        expect(after.refused).toBe(0);
        token = await verify(server.uri, after, token);
      }
    },
  );
});

function mountable(): boolean {
  const directory = newDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' });
    execFileSync('umount', [directory]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
