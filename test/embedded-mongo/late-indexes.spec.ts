import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { newDirectory, start, type Any, type Running } from './kit.js';

const DOCUMENTS = 40_000;
const WANTED = DOCUMENTS / 10;

let running: Running;
let c: Collection<Any>;

/** Data to start from. */
const template = newDirectory();

beforeAll(async () => {
  const directory = join(template, 'data');
  const first = await start({ directory });
  c = first.db.collection<Any>('c');
  await c.createIndex({ a: 1 });
  await c.createIndex({ b: 1 });
  await c.insertMany(Array.from({ length: DOCUMENTS }, (_, i) => ({ _id: i, a: i % 10, b: i % 10 })));
  await first.client.close();
  await first.server.close();
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(async () => {
  const directory = newDirectory();
  cpSync(join(template, 'data'), directory, { recursive: true });
  running = await start({ directory });
  c = running.db.collection<Any>('c');
  await running.db.command({ ping: 1 });
});
afterEach(() => running.stop());

/** Notes when each command is answered. */
function noting() {
  const answered: string[] = [];
  const note = async <T>(name: string, command: Promise<T>): Promise<T> => {
    const answer = await command;
    answered.push(name);
    return answer;
  };
  return { answered, note };
}

it('a command that needs one after a start waits for it, and no other command does', async () => {
  const { answered, note } = noting();
  const counted = note('by index', c.countDocuments({ a: 7 }));
  for (let i = 0; i < 20; i++) await note('by id', c.findOne({ _id: i }));
  expect(await counted).toBe(WANTED);
  expect(answered.indexOf('by index')).toBeGreaterThan(3);
});

it('what is changed while one is made is in it', async () => {
  const count = () => Promise.all([7, 77, 78].map((a) => c.countDocuments({ a })));
  const meanwhile = count();
  await c.updateOne({ _id: 7 }, { $set: { a: 77 } });
  await c.updateOne({ _id: DOCUMENTS - 3 }, { $set: { a: 77 } });
  await c.deleteOne({ _id: 17 });
  await c.insertOne({ _id: -1, a: 78 });
  await meanwhile;
  expect(await count()).toEqual([WANTED - 3, 2, 1]);
  expect(await c.countDocuments({ a: { $gte: 0 } })).toBe(DOCUMENTS);
});

it('a write that needs one is done once, whatever it has written before', async () => {
  const once = { $inc: { n: 1 } } as Document;
  const written = await c.bulkWrite([
    { updateMany: { filter: { a: 7 }, update: once } },
    { updateMany: { filter: { b: 7 }, update: once } },
    { insertOne: { document: { _id: -1, b: 3 } } },
    { deleteMany: { filter: { b: 3 } } },
  ]);
  expect(written).toMatchObject({ modifiedCount: 2 * WANTED, insertedCount: 1, deletedCount: WANTED + 1 });
  expect(await c.countDocuments({ n: 2 })).toBe(WANTED);
  expect(await c.countDocuments({ n: { $exists: true } })).toBe(WANTED);
});

it('one that is dropped while a command waits for it is none any more', async () => {
  await c.createIndex({ x: 1, y: 1 });
  await running.restart();
  const counted = c.countDocuments({ x: 7 });
  await c.dropIndex('x_1_y_1');
  // In that index it could not be.
  await c.insertOne({ _id: -1, x: [7, 8], y: [7, 8] } as Any);
  expect([0, 1]).toContain(await counted);
  expect(await c.countDocuments({ x: 7 })).toBe(1);
});

it('a write that nobody waits for is not overtaken by what its connection sends next', async () => {
  const alone = await MongoClient.connect(running.server.uri, { maxPoolSize: 1 });
  const own = alone.db('test').collection<Any>('c');
  await own.updateMany({ a: 7 }, { $set: { n: 1 } }, { writeConcern: { w: 0 } });
  await own.insertOne({ _id: -1, a: 7 });
  expect(await own.findOne({ _id: -1 })).toEqual({ _id: -1, a: 7 });
  await alone.close();
});

it('a stop does not wait for those that are not complete', async () => {
  const lost = c.countDocuments({ a: 7 }).catch(() => 'lost');
  await running.server.close();
  await running.client.close();
  expect(await lost).toBe('lost');
});
