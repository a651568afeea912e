import { ObjectId, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typed } from './cases/typed.js';
import { updates } from './cases/updates.js';
import { start, type Any, type Running } from './kit.js';
import { wireOutcome } from './wire-outcome.js';

describe('updates', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start({}, { maxPoolSize: 4 });
  });

  afterAll(async () => {
    await running.stop();
  });

  it('change over the wire what they change in src/embedded-mongo/update.spec.ts', async () => {
    const answers = updates.map(async ([before, update], i) => {
      const collection = running.db.collection<{ _id: number }>(`c${i}`);
      await collection.insertOne({ _id: 1, ...before });
      // Fields in their order, and every number in its type.
      const read = () => collection.findOne({}, { promoteValues: false });
      const answer = await wireOutcome(collection.updateOne({}, update as Document).then(read));
      return [update, answer, typed(await read())];
    });
    const expectations = updates.map(([before, update, after]) => {
      const refused = 'errmsg' in after;
      const doc = typed({ _id: 1, ...(refused ? before : after) });
      return [update, refused ? after : doc, doc];
    });
    expect(await Promise.all(answers)).toEqual(expectations);
  });
});

describe('upserts, replacements and find-and-modify', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
  });

  afterAll(async () => {
    await running.stop();
  });

  let last = 0;
  const fresh = () => running.db.collection<Any>(`f${++last}`);

  const upserts: [Document, Document | Document[], Document | number][] = [
    [{ _id: 5 }, { $set: { a: 1 } }, { _id: 5, a: 1 }],
    [{ _id: 5, b: 2 }, { $setOnInsert: { a: 1 } }, { _id: 5, b: 2, a: 1 }],
    [{ _id: 5, b: { $eq: 2 } }, { $inc: { n: 1 } }, { _id: 5, b: 2, n: 1 }],
    [{ _id: 5, b: { $gt: 2 } }, { $set: { a: 1 } }, { _id: 5, a: 1 }],
    [{ $and: [{ _id: 5 }, { b: 1 }] }, { $set: { a: 1 } }, { _id: 5, b: 1, a: 1 }],
    [{ _id: 5, 'b.c': 1 }, { $set: { a: 1 } }, { _id: 5, b: { c: 1 }, a: 1 }],
    [{ _id: 5 }, [{ $set: { a: { $add: [1, 1] } } }], { _id: 5, a: 2 }],
    [{ _id: 5, b: 1 }, { $set: { _id: 6 } }, 66],
  ];

  it.each(upserts)('upserts %j with %j', async (filter, update, expected) => {
    const collection = fresh();
    const attempt = collection.updateOne(filter, update as Document, { upsert: true });
    if (typeof expected === 'number') {
      await expect(attempt).rejects.toMatchObject({ code: expected });
      return;
    }
    expect(await attempt).toMatchObject({ upsertedId: 5, upsertedCount: 1, matchedCount: 0, modifiedCount: 0 });
    expect(await collection.findOne({})).toEqual(expected);
  });

  it('makes an ObjectId where an upsert has no _id, and puts _id first', async () => {
    const collection = running.db.collection('oid');
    const { upsertedId } = await collection.updateOne({ a: 1 }, { $set: { b: 2 } }, { upsert: true });
    expect(upsertedId).toBeInstanceOf(ObjectId);
    expect(Object.keys((await collection.findOne({})) ?? {})).toEqual(['_id', 'a', 'b']);
  });

  it('replaces whole documents, keeps _id, and refuses another', async () => {
    const collection = fresh();
    await collection.insertOne({ _id: 1, a: 1, b: 2 });
    expect(await collection.replaceOne({ _id: 1 }, { c: 3 })).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await collection.findOne({})).toEqual({ _id: 1, c: 3 });
    await expect(collection.replaceOne({ c: 3 }, { _id: 2 } as never)).rejects.toMatchObject({ code: 66 });
  });

  it('counts what matched apart from what changed', async () => {
    const collection = fresh();
    await collection.insertMany([{ _id: 1, a: 1 }, { _id: 2, a: 2 }, { _id: 3 }]);
    expect(await collection.updateMany({ a: { $exists: true } }, { $set: { a: 1 } })).toMatchObject({
      matchedCount: 2,
      modifiedCount: 1,
    });
    expect(await collection.updateMany({ a: 9 }, { $set: { a: 1 } })).toMatchObject({
      matchedCount: 0,
      modifiedCount: 0,
    });
  });

  it('answers findOneAndUpdate before and after, sorted and projected', async () => {
    const collection = fresh();
    await collection.insertMany([
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ]);
    expect(await collection.findOneAndUpdate({}, { $inc: { a: 10 } } as Document, { sort: { a: -1 } })).toEqual({
      _id: 2,
      a: 2,
    });
    expect(
      await collection.findOneAndUpdate({ _id: 2 }, { $inc: { a: 1 } } as Document, {
        returnDocument: 'after',
        projection: { _id: 0 },
      }),
    ).toEqual({ a: 13 });
    expect(await collection.findOneAndUpdate({ _id: 9 }, { $set: { a: 1 } })).toBeNull();
    expect(await collection.findOneAndUpdate({ _id: 9 }, { $set: { a: 1 } }, { upsert: true })).toBeNull();
    expect(
      await collection.findOneAndUpdate({ _id: 8 }, { $set: { a: 1 } }, { upsert: true, returnDocument: 'after' }),
    ).toEqual({ _id: 8, a: 1 });
    expect(await collection.findOneAndDelete({ _id: 9 })).toEqual({ _id: 9, a: 1 });
    expect(await collection.findOneAndReplace({ _id: 8 }, { b: 1 }, { returnDocument: 'after' })).toEqual({
      _id: 8,
      b: 1,
    });
  });

  it('answers findAndModify with its lastErrorObject', async () => {
    const command = { findAndModify: 'fam', query: { _id: 1 }, update: { $set: { a: 1 } } };
    expect(await running.db.command(command)).toMatchObject({
      lastErrorObject: { n: 0, updatedExisting: false },
      value: null,
      ok: 1,
    });
    expect(await running.db.command({ ...command, upsert: true, new: true })).toMatchObject({
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 1 },
      value: { _id: 1, a: 1 },
    });
    expect(await running.db.command({ findAndModify: 'fam', query: { _id: 1 }, remove: true })).toMatchObject({
      lastErrorObject: { n: 1 },
      value: { _id: 1, a: 1 },
    });
  });

  it('stops an ordered bulk at its first error and finishes an unordered one', async () => {
    const docs = [{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }, { _id: 3 }];
    const ordered = fresh();
    await expect(ordered.insertMany(docs)).rejects.toMatchObject({
      insertedCount: 1,
      writeErrors: [{ index: 1, code: 11000 }],
    });
    expect(await ordered.countDocuments()).toBe(1);
    const unordered = fresh();
    await expect(unordered.insertMany(docs, { ordered: false })).rejects.toMatchObject({
      insertedCount: 3,
      writeErrors: [
        { index: 1, code: 11000 },
        { index: 3, code: 11000 },
      ],
    });
    expect(await unordered.countDocuments()).toBe(3);
    const mixed = await unordered.bulkWrite([
      { insertOne: { document: { _id: 4 } } },
      { updateOne: { filter: { _id: 4 }, update: { $set: { a: 1 } } } },
      { updateOne: { filter: { _id: 5 }, update: { $set: { a: 1 } }, upsert: true } },
      { deleteMany: { filter: { _id: { $lt: 3 } } } },
    ]);
    expect(mixed).toMatchObject({
      insertedCount: 1,
      modifiedCount: 1,
      upsertedCount: 1,
      deletedCount: 2,
      upsertedIds: { 2: 5 },
    });
  });
});
