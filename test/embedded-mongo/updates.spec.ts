import { EJSON } from 'bson';
import { Double, Long, ObjectId, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Any, type Running } from './kit.js';

/** The fields before, an update, and the fields after, or the code of the error that leaves everything as it was. */
type Case = [before: Document, update: Document | Document[], after: Document | number];

const long = (value: string | number): Long => Long.fromString(String(value));

const cases: Case[] = [
  // $set and $unset
  [{ a: 1 }, { $set: { a: 2 } }, { a: 2 }],
  [{ a: 1 }, { $set: { c: 3, b: 2 } }, { a: 1, b: 2, c: 3 }],
  [{}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
  [{ a: { x: 1 } }, { $set: { 'a.b': 2 } }, { a: { x: 1, b: 2 } }],
  [{ a: [1, 2] }, { $set: { 'a.1': 9 } }, { a: [1, 9] }],
  [{ a: [1] }, { $set: { 'a.3': 9 } }, { a: [1, null, null, 9] }],
  [{ a: [{ b: 1 }] }, { $set: { 'a.0.b': 2 } }, { a: [{ b: 2 }] }],
  [{}, { $set: { 'a.0': 1 } }, { a: { 0: 1 } }],
  [{ a: 1 }, { $set: { 'a.b': 1 } }, 28],
  [{ a: [1] }, { $set: { 'a.b': 1 } }, 28],
  [{ a: null }, { $set: { 'a.b': 1 } }, 28],
  [{ a: 1 }, { $set: {} }, { a: 1 }],
  [{ a: 1 }, { $set: { _id: 9 } }, 66],
  [{ a: 1 }, { $set: { _id: 1 } }, { a: 1 }],
  [{ a: 1 }, { $set: { '': 1 } }, 56],
  [{ a: 1 }, { $set: { 'a.': 1 } }, 56],
  [{ a: 1 }, { $set: { $x: 1 } }, 52],
  [{ a: 1 }, { $set: { a: new Double(1) } }, { a: new Double(1) }],
  [{ a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }],
  [{ a: { b: 1, c: 2 } }, { $unset: { 'a.b': 1 } }, { a: { c: 2 } }],
  [{ a: [1, 2, 3] }, { $unset: { 'a.1': 1 } }, { a: [1, null, 3] }],
  [{ a: 1 }, { $unset: { x: 1, 'y.z': 1 } }, { a: 1 }],
  // Numbers
  [{ a: 1 }, { $inc: { a: 2 } }, { a: 3 }],
  [{}, { $inc: { a: 2 } }, { a: 2 }],
  [{}, { $inc: { 'a.b': -1 } }, { a: { b: -1 } }],
  [{ a: 1 }, { $inc: { a: 1.5 } }, { a: 2.5 }],
  [{ a: 2147483647 }, { $inc: { a: 1 } }, { a: long('2147483648') }],
  [{ a: long(1) }, { $inc: { a: 1 } }, { a: long(2) }],
  [{ a: new Double(1) }, { $inc: { a: 1 } }, { a: new Double(2) }],
  [{ a: Long.MAX_VALUE }, { $inc: { a: 1 } }, 2],
  [{ a: 'x' }, { $inc: { a: 1 } }, 14],
  [{ a: null }, { $inc: { a: 1 } }, 14],
  [{ a: 1 }, { $inc: { a: 'x' } }, 14],
  [{ a: [1] }, { $inc: { 'a.0': 1 } }, { a: [2] }],
  // $push
  [{ a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
  [{}, { $push: { a: 2 } }, { a: [2] }],
  [{ a: [1] }, { $push: { a: [2, 3] } }, { a: [1, [2, 3]] }],
  [{ a: [1] }, { $push: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }],
  [{ a: 1 }, { $push: { a: 2 } }, 2],
  [{ a: [1] }, { $push: { a: { $each: 2 } } }, 14],
  [{ a: [1] }, { $push: { a: { $each: [2], $what: 1 } } }, 2],
  // $addToSet, $pull, $pullAll
  [{ a: [1] }, { $addToSet: { a: 1 } }, { a: [1] }],
  [{ a: [1] }, { $addToSet: { a: 2 } }, { a: [1, 2] }],
  [{ a: [1] }, { $addToSet: { a: new Double(1) } }, { a: [1] }],
  [{ a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
  [
    { a: [{ b: 1, c: 2 }] },
    { $addToSet: { a: { c: 2, b: 1 } } },
    {
      a: [
        { b: 1, c: 2 },
        { c: 2, b: 1 },
      ],
    },
  ],
  [{}, { $addToSet: { a: 1 } }, { a: [1] }],
  [{ a: 1 }, { $addToSet: { a: 2 } }, 2],
  [{ a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
  [{ a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  [{ a: [1, 5] }, { $pull: { a: { $in: [5, 6] } } }, { a: [1] }],
  [{ a: [{ b: 1, c: 1 }, { b: 2 }] }, { $pull: { a: { b: 1 } } }, { a: [{ b: 2 }] }],
  [{ a: ['ab', 'b'] }, { $pull: { a: /^a/ } }, { a: ['b'] }],
  [{}, { $pull: { a: 1 } }, {}],
  [{ a: 1 }, { $pull: { a: 1 } }, 2],
  [{ a: [1, 2, 3] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
  [{ a: [1] }, { $pullAll: { a: 1 } }, 2],
  [{ a: 1 }, { $currentDate: { a: { $type: 'x' } } }, 2],
  // $setOnInsert does nothing to what is there
  [{ a: 1 }, { $setOnInsert: { a: 2 } }, { a: 1 }],
  // What is refused
  [{ a: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
  [{ a: 1 }, { $set: { 'a.b': 1, a: 1 } }, 40],
  [{ a: 1 }, { $nope: { a: 1 } }, 9],
  [{ a: 1 }, { $mul: { a: 2 } }, 9],
  [{ a: 1 }, { $min: { a: 0 } }, 9],
  [{ a: 1 }, { $max: { a: 2 } }, 9],
  [{ a: 1 }, { $rename: { a: 'b' } }, 9],
  [{ a: 1 }, { $bit: { a: { or: 1 } } }, 9],
  [{ a: [1] }, { $pop: { a: 1 } }, 9],
  [{ a: [1] }, { $pushAll: { a: [2] } }, 9],
  [{ a: [1] }, { $push: { a: { $each: [2], $position: 0 } } }, 2],
  [{ a: [1] }, { $push: { a: { $each: [2], $slice: 1 } } }, 2],
  [{ a: [1] }, { $push: { a: { $each: [2], $sort: 1 } } }, 2],
  [{ a: 1 }, { $currentDate: { a: { $type: 'timestamp' } } }, 2],
  [{ a: 1 }, { $set: { a: 2 }, constructor: { b: 1 } } as Document, 9],
  [{ a: 1 }, [{ $replaceWith: { c: '$a' } }], 72],
  [{ a: 1 }, [{ $group: { _id: 1 } }], 72],
  [{ a: 1 }, [{ $lookup: {} }], 72],
  [{ a: [1] }, { $set: { 'a.$[x]': 1 } }, 2],
  [{ a: 1 }, { $set: 1 }, 9],
  [{ a: [1] }, { $set: { 'a.$': 1 } }, 2],
  [{ a: [1] }, { $set: { 'a.$[]': 1 } }, 2],
  // Pipelines
  [{ a: 1 }, [{ $set: { b: { $add: ['$a', 1] } } }], { a: 1, b: 2 }],
  [{ a: 1, b: 2 }, [{ $unset: 'a' }], { b: 2 }],
  [{ a: 1, b: 2 }, [{ $project: { b: 1 } }], { b: 2 }],
  [{ a: 1 }, [{ $set: { a: '$missing' } }], {}],
  [{ a: { b: 1 } }, [{ $set: { 'a.c': { $literal: '$x' } } }], { a: { b: 1, c: '$x' } }],
  [
    { a: 1 },
    [{ $set: { a: { $cond: [{ $gt: ['$a', 0] }, 'yes', 'no'] } } }, { $set: { b: '$a' } }],
    { a: 'yes', b: 'yes' },
  ],
  [{ a: 1 }, [{ $match: { a: 1 } }], 72],
  [{ a: 1 }, [{ $set: { _id: 7 } }], 66],
  [{ a: 1 }, [{ $set: { b: { $nope: 1 } } }], 168],
  [{ a: 'x' }, [{ $set: { b: { $add: ['$a', 1] } } }], 14],
];

describe('updates change what MongoDB changes', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
  });

  afterAll(async () => {
    await running.stop();
  });

  const named = cases.map(([before, update, after], i) => ({
    name: `${i}: ${JSON.stringify(update).slice(0, 90)}`,
    before,
    update,
    after,
    i,
  }));

  it.each(named)('$name', async ({ before, update, after, i }) => {
    const collection = running.db.collection<{ _id: number }>(`c${i}`);
    await collection.insertOne({ _id: 1, ...before });
    const attempt = collection.updateOne({ _id: 1 }, update as Document);
    if (typeof after === 'number') await expect(attempt).rejects.toMatchObject({ code: after });
    else await attempt;
    const reference = running.db.collection<{ _id: number }>(`r${i}`);
    await reference.insertOne({ _id: 1, ...(typeof after === 'number' ? before : after) });
    // Through the wire and with every number in its own type: order of fields and types count.
    const typed = async (from: typeof collection): Promise<string> =>
      EJSON.stringify(await from.findOne({ _id: 1 }, { promoteValues: false }), { relaxed: false });
    expect(await typed(collection)).toBe(await typed(reference));
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
