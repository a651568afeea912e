import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, Long, UUID } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmbeddedMongo, StorageError } from '../../src/embedded-mongo/index.js';
import { size } from '../support/layer.js';
import { rawCommand, start, type Any, type Running } from './kit.js';

describe('what is on disk', () => {
  let running: Running | undefined;

  afterEach(async () => {
    await running?.stop().catch(() => undefined);
    running = undefined;
  });

  const status = async (from: Running): Promise<Record<string, number>> =>
    (await from.db.command({ serverStatus: 1 }))['embedded'] as Record<string, number>;

  it('does not grow with overwriting, and is the same after it was rewritten', async () => {
    running = await start({ historyBytes: 100_000 });
    const c = running.db.collection<Any>('c');
    await c.createIndex({ n: 1 }, { unique: true });
    const once = {
      insert: 'c',
      documents: [{ _id: 'once', n: -1 }],
      lsid: { id: new UUID() },
      txnNumber: Long.fromNumber(7),
    };
    await rawCommand(running.server.uri, { ...once, $db: 'test' });
    const pad = 'x'.repeat(20_000);
    await c.insertMany(Array.from({ length: 20 }, (_, _id) => ({ _id, n: _id, pad })));
    for (let i = 0; i < 60; i++) {
      const updates = Array.from({ length: 20 }, (_, _id) =>
        c.updateOne({ _id }, { $set: { n: 1000 * i + _id, pad: `${pad}${i}` } }),
      );
      // What is written once and for all has to be in the new file too, also where that is being written at the moment.
      await Promise.all([...updates, c.insertOne({ _id: `once ${i}`, n: -2 - i })]);
    }
    await expect.poll(async () => (await status(running as Running))['rewrites']).toBeGreaterThan(2);
    expect((await status(running))['fileBytes']).toBeLessThan(24 * 1024 * 1024);
    const before = await c.find().sort({ _id: 1 }).toArray();
    await running.restart();
    expect(await c.find().sort({ _id: 1 }).toArray()).toEqual(before);
    await expect(c.insertOne({ n: 59_005 })).rejects.toMatchObject({ code: 11000 });
    // What was answered before is answered again, however often the file was rewritten since.
    expect(await rawCommand(running.server.uri, { ...once, $db: 'test' })).toMatchObject({ n: 1, ok: 1 });
    expect(readdirSync(running.directory).filter((name) => /^data-\d+$/.test(name)).length).toBe(1);
  });

  it('is bounded in history, and refuses what goes past the configured size but not what frees it', async () => {
    running = await start({ historyBytes: 50_000, maxBytes: 200_000 });
    const c = running.db.collection<Any>('c');
    for (let _id = 0; _id < 90; _id++) await c.insertOne({ _id, pad: 'x'.repeat(2000) });
    await expect(
      c.insertMany(Array.from({ length: 20 }, (_, i) => ({ _id: 1000 + i, pad: 'x'.repeat(2000) }))),
    ).rejects.toMatchObject({ code: 14031 });
    await expect(c.updateOne({ _id: 1 }, { $set: { more: 'x'.repeat(50_000) } })).rejects.toMatchObject({
      code: 14031,
    });
    expect(await c.countDocuments()).toBeGreaterThanOrEqual(90);
    await c.deleteMany({ _id: { $lt: 50 } });
    await c.insertOne({ pad: 'x'.repeat(2000) });
    expect((await status(running))['historyEvents']).toBeLessThan(250);
  });

  it(
    'with any byte changed is refused by name after a clean end, in what was rewritten as in what came later',
    { tags: ['sized'] },
    async () => {
      running = await start({ historyBytes: 1_000 });
      const c = running.db.collection<Any>('c');
      await c.insertMany(Array.from({ length: 50 }, (_, _id) => ({ _id, text: 'value' })));
      const pad = 'x'.repeat(1_000_000);
      for (let i = 0; i < 12; i++) await c.updateOne({ _id: 0 }, { $set: { pad: `${pad}${i}` } });
      await c.updateOne({ _id: 0 }, { $set: { pad: '' } });
      await expect.poll(async () => (await status(running as Running))['rewrites']).toBe(1);
      await c.insertMany(Array.from({ length: 20 }, (_, i) => ({ _id: 1000 + i, text: 'later' })));
      const { directory } = running;
      const fileBytes = (await status(running))['fileBytes'] ?? 0;
      await running.client.close();
      await running.server.close();
      const path = join(directory, readdirSync(directory).find((name) => name.startsWith('data-')) ?? '');
      const bytes = readFileSync(path);
      expect(bytes.includes('later')).toBe(true);
      for (let at = 0; at < fileBytes; at += Math.ceil(fileBytes / size(20, 60))) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ 0x40;
        writeFileSync(path, damaged);
        const attempt = startEmbeddedMongo({ directory });
        await expect(attempt).rejects.toBeInstanceOf(StorageError);
        await expect(attempt).rejects.toThrow(path);
        expect(readFileSync(path).equals(damaged)).toBe(true);
      }
      writeFileSync(path, bytes);
      await (await startEmbeddedMongo({ directory })).close();
      rmSync(directory, { recursive: true, force: true });
      running = undefined;
    },
  );

  it('keeps the natural order, every type and the options of indexes over a restart', async () => {
    running = await start();
    const c = running.db.collection<Document>('c');
    await c.createIndexes([
      { key: { a: 1 }, unique: true, partialFilterExpression: { live: true } },
      { key: { at: 1 }, expireAfterSeconds: 3600 },
    ]);
    await c.insertMany([{ z: 1 }, { y: new Date(0) }, { x: /a/i }, { w: Buffer.from('b') }, { v: 2n ** 60n }]);
    const before = await c.find().toArray();
    const indexes = await c.indexes();
    await running.restart();
    expect(await c.find().toArray()).toEqual(before);
    expect(await c.indexes()).toEqual(indexes);
  });
});
