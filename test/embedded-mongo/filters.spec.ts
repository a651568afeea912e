import { Binary, Double, Long, MaxKey, MinKey, ObjectId, Timestamp, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Running } from './kit.js';

/** A filter, values of the field `a` (missing where `NONE`), and the positions of those that match. */
type Case = [filter: Document, values: unknown[], matching: number[]];

const NONE = Symbol('missing');
const day = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');
const oid = new ObjectId('65a000000000000000000001');

const cases: Case[] = [
  // Equality
  [{ a: 1 }, [1, 2, '1', NONE], [0]],
  [{ a: 1 }, [new Double(1), Long.fromNumber(1), 1.5], [0, 1]],
  [{ a: new Double(2) }, [2, 2.5], [0]],
  [{ a: 'x' }, ['x', 'X', ['x'], ['y', 'x'], [['x']]], [0, 2, 3]],
  [{ a: true }, [true, 1, 'true', [true]], [0, 3]],
  [{ a: null }, [null, NONE, 0, '', false, [null], []], [0, 1, 5]],
  [{ a: { $eq: null } }, [null, NONE, 1], [0, 1]],
  [{ a: day }, [day, later, day.getTime()], [0]],
  [{ a: oid }, [oid, oid.toHexString()], [0]],
  [{ a: [1, 2] }, [[1, 2], [2, 1], [[1, 2]], [1, 2, 3]], [0, 2]],
  [{ a: [] }, [[], [[]], [1], NONE], [0, 1]],
  [{ a: { b: 1, c: 2 } }, [{ b: 1, c: 2 }, { c: 2, b: 1 }, { b: 1 }, [{ b: 1, c: 2 }]], [0, 3]],
  [{ a: {} }, [{}, { b: 1 }, []], [0]],
  [{ a: new Binary(Buffer.from('ab')) }, [new Binary(Buffer.from('ab')), new Binary(Buffer.from('ac')), 'ab'], [0]],
  [{ a: NaN }, [NaN, 0, 'NaN'], [0]],
  [{ a: -0 }, [0, new Double(0), 1], [0, 1]],
  [{ a: '' }, ['', null, NONE], [0]],
  // Comparison keeps to one type
  [{ a: { $gt: 1 } }, [0, 1, 2, '2', NONE, null, [0, 3]], [2, 6]],
  [{ a: { $gte: 1 } }, [0, 1, 2, new Double(1)], [1, 2, 3]],
  [{ a: { $lt: 1 } }, [0, 1, -1, '0', null, NaN], [0, 2]],
  [{ a: { $lte: 1 } }, [0, 1, 2, Long.fromNumber(1)], [0, 1, 3]],
  [{ a: { $gt: 'b' } }, ['a', 'b', 'c', 99, ['c']], [2, 4]],
  [{ a: { $lt: 'b' } }, ['a', 'A', 'b', 0], [0, 1]],
  [{ a: { $gt: day } }, [day, later, later.getTime(), new Timestamp({ t: 4e9, i: 1 })], [1]],
  [{ a: { $lt: later, $gte: day } }, [day, later, new Date(0)], [0]],
  [{ a: { $gt: oid } }, [oid, new ObjectId('65a000000000000000000002'), 'z'], [1]],
  [{ a: { $gt: false } }, [false, true, 1], [1]],
  [{ a: { $gt: null } }, [null, 1, NONE], []],
  [{ a: { $gte: null } }, [null, 1, NONE, [null]], [0, 2, 3]],
  [{ a: { $lte: null } }, [null, 0, NONE], [0, 2]],
  [{ a: { $gt: NaN } }, [NaN, 1], []],
  [{ a: { $gte: NaN } }, [NaN, 1], [0]],
  [{ a: { $gt: [1] } }, [[1], [2], [1, 0], 2], [1, 2]],
  [{ a: { $gt: { b: 1 } } }, [{ b: 1 }, { b: 2 }, { c: 0 }, 5], [1, 2]],
  [{ a: { $gt: new MinKey() } }, [1, 'x', null], [0, 1, 2]],
  [{ a: { $lt: new MaxKey() } }, [1, 'x', null], [0, 1, 2]],
  [{ a: { $gt: 5, $lt: 7 } }, [6, [4, 8], 5, 7], [0, 1]],
  [{ a: { $gt: Long.fromString('9007199254740992') } }, [Long.fromString('9007199254740993'), 9007199254740992], [0]],
  [{ a: { $gt: 1e300 } }, [1e301, Long.MAX_VALUE, Infinity], [0, 2]],
  // $ne, $in, $nin
  [{ a: { $ne: 1 } }, [1, 2, NONE, null, [1], [2]], [1, 2, 3, 5]],
  [{ a: { $ne: null } }, [null, NONE, 1, [null], []], [2, 4]],
  [{ a: { $in: [1, 'x'] } }, [1, 2, 'x', ['x', 9], NONE], [0, 2, 3]],
  [{ a: { $in: [] } }, [1, null, NONE], []],
  [{ a: { $in: [null] } }, [null, NONE, 0], [0, 1]],
  [{ a: { $in: [/^b/, 'a'] } }, ['a', 'b', 'bc', 'cb'], [0, 1, 2]],
  [{ a: { $in: [[1]] } }, [[1], 1, [[1]]], [0, 2]],
  [{ a: { $nin: [1, 2] } }, [1, 3, NONE, [2, 5]], [1, 2]],
  [{ a: { $nin: [null] } }, [null, NONE, 0, [null]], [2]],
  [{ a: { $nin: [/^b/] } }, ['a', 'b', NONE], [0, 2]],
  // Elements
  [{ a: { $exists: true } }, [1, null, NONE, []], [0, 1, 3]],
  [{ a: { $exists: false } }, [1, null, NONE], [2]],
  [{ a: { $exists: 0 } }, [1, NONE], [1]],
  // Arrays
  [{ a: { $size: 2 } }, [[1, 2], [1], 'ab', [[1, 2]]], [0]],
  [{ a: { $size: 0 } }, [[], [1], NONE], [0]],
  [{ a: { $all: [1, 2] } }, [[1, 2, 3], [2], [2, 1], 1], [0, 2]],
  [{ a: { $all: [1] } }, [1, [1], 2], [0, 1]],
  [{ a: { $all: [] } }, [[], [1]], []],
  [{ a: { $all: [[1, 2]] } }, [[1, 2], [[1, 2]], [1]], [0, 1]],
  [{ a: { $elemMatch: { $gt: 1, $lt: 4 } } }, [[0, 5], [2], 3, [[3]]], [1]],
  [{ a: { $elemMatch: { b: 1, c: 2 } } }, [[{ b: 1, c: 2 }], [{ b: 1 }, { c: 2 }], { b: 1, c: 2 }], [0]],
  [{ a: { $elemMatch: { $ne: 1 } } }, [[1], [1, 2], []], [1]],
  [{ a: { $elemMatch: { $or: [{ b: 1 }, { b: 2 }] } } }, [[{ b: 2 }], [{ b: 3 }]], [0]],
  // Dotted paths
  [{ 'a.b': 1 }, [{ b: 1 }, { b: [1] }, [{ b: 1 }], [{ b: 2 }, { b: 1 }], { b: 2 }], [0, 1, 2, 3]],
  [{ 'a.b': null }, [{}, { b: null }, 4, null, NONE, [], [1], [{ b: 3 }], [{ b: 3 }, {}], [[]]], [0, 1, 2, 3, 4, 8]],
  [{ 'a.b': { $ne: null } }, [{}, [], [1], [{ b: 3 }], [{ b: 3 }, {}]], [1, 2, 3]],
  [{ 'a.b': { $exists: false } }, [{}, [], [{ b: 1 }], [{}], 3], [0, 1, 3, 4]],
  [{ 'a.0': 1 }, [[1, 2], [2, 1], { 0: 1 }, [[1]]], [0, 2, 3]],
  [{ 'a.1.b': 2 }, [[{ b: 1 }, { b: 2 }], [{ b: 2 }]], [0]],
  [{ 'a.b.c': 1 }, [{ b: { c: 1 } }, { b: [{ c: 1 }] }, [{ b: { c: 1 } }], { b: 1 }], [0, 1, 2]],
  [{ 'a.b': { $gt: 5, $lt: 10 } }, [[{ b: 3 }, { b: 20 }], [{ b: 7 }], [{ b: 1 }]], [0, 1]],
  [{ 'a.b': { $not: { $gt: 5, $lt: 10 } } }, [[{ b: 3 }, { b: 20 }], [{ b: 1 }], NONE], [1, 2]],
  [{ 'a.length': 2 }, [[1, 2], 'ab', { length: 2 }], [2]],
  [{ 'a.b': { $size: 1 } }, [{ b: [1] }, [{ b: [1] }], { b: 1 }], [0, 1]],
  // Logic
  [{ $and: [{ a: { $gt: 1 } }, { a: { $lt: 3 } }] }, [1, 2, 3], [1]],
  [{ $or: [{ a: 1 }, { a: 3 }] }, [1, 2, 3], [0, 2]],
  [{ $nor: [{ a: 1 }, { a: 2 }] }, [1, 2, 3, NONE], [2, 3]],
  [{ a: { $not: { $gt: 1 } } }, [1, 2, NONE, 'x'], [0, 2, 3]],
  [{ a: { $not: /^x/ } }, ['x', 'y', 1], [1, 2]],
  [{ a: { $not: { $not: { $eq: 1 } } } }, [1, 2], [0]],
  [{ $or: [{ $and: [{ a: 1 }] }, { $nor: [{ a: { $exists: true } }] }] }, [1, 2, NONE], [0, 2]],
  [{}, [1, NONE], [0, 1]],
  // Regular expressions
  [{ a: /^ab/ }, ['abc', 'xab', 'AB', 1, ['ab']], [0, 4]],
  [{ a: /^ab/i }, ['ABC', 'b'], [0]],
  [{ a: { $regex: 'b$', $options: 'm' } }, ['b\nc', 'bc'], [0]],
  [{ a: { $regex: 'a.c', $options: 's' } }, ['a\nc', 'abc'], [0, 1]],
  [{ a: { $regex: /x/ } }, ['x', 'y'], [0]],
  [{ a: { $regex: '(a+)+$' } }, ['a'.repeat(40) + '!', 'aaa'], [1]],
  // Expressions
  [{ $expr: { $gt: ['$a', 1] } }, [1, 2, '0'], [1, 2]],
  [{ $expr: { $eq: ['$a', null] } }, [null, NONE], [0]],
  [{ $expr: { $lt: ['$a', '$$NOW'] } }, [day, new Date('2999-01-01'), NONE], [0, 2]],
  [{ $expr: '$a' }, [1, 0, true, false, null, '', NONE, []], [0, 2, 5, 7]],
];

describe('filters find what MongoDB finds', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
  });

  afterAll(async () => {
    await running.stop();
  });

  const named = cases.map(([filter, values, matching], i) => ({
    name: `${i}: ${label(filter)}`,
    filter,
    values,
    matching,
    i,
  }));

  it.each(named)('$name', async ({ filter, values, matching, i }) => {
    const collection = running.db.collection<{ _id: number }>(`c${i}`);
    const docs = values.map((a, _id) => (a === NONE ? { _id } : { _id, a }));
    await collection.insertMany(docs, { ignoreUndefined: true });
    const found = async (): Promise<number[]> =>
      (await collection.find(filter).sort({ _id: 1 }).toArray()).map((doc) => doc._id);
    expect(await found()).toEqual(matching);
    expect(await collection.countDocuments(filter)).toBe(matching.length);
    // An index may change where is looked, never what is found.
    await collection.createIndex({ a: 1 });
    expect(await found()).toEqual(matching);
    await collection.createIndex({ 'a.b': 1, a: 1 }, { name: 'nested' }).catch(() => undefined);
    expect(await found()).toEqual(matching);
  });
});

function label(filter: Document): string {
  return JSON.stringify(filter, (_key, value: unknown) => (value instanceof RegExp ? String(value) : value)).slice(
    0,
    100,
  );
}
