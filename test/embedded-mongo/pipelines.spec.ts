import { Double, Long, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ordered } from './cases/ordered.js';
import { projections } from './cases/projections.js';
import { expected } from './cases/typed.js';
import { start, type Any, type Running } from './kit.js';
import { wireOutcome } from './wire-outcome.js';

const people = [
  { _id: 1, name: 'ann', age: 30, team: 'x', tags: ['a', 'b'] },
  { _id: 2, name: 'bob', age: 20, team: 'y', tags: [] },
  { _id: 3, name: 'cid', age: 40, team: 'x' },
  { _id: 4, name: 'dee', age: null, team: 'z', tags: ['b'] },
];
const teams = [
  { _id: 'x', title: 'X-ray', members: [1, 3] },
  { _id: 'y', title: 'Yard' },
];

const UNSERVED: Document[] = [
  { $nope: 1 },
  { $facet: {} },
  { $sample: { size: 1 } },
  { $sortByCount: '$team' },
  { $replaceRoot: { newRoot: '$a' } },
  { $replaceWith: '$a' },
  { $bucket: {} },
  { $graphLookup: {} },
  { $unionWith: 'teams' },
  { $redact: '$a' },
  { $geoNear: {} },
  { $indexStats: {} },
  { $densify: {} },
  { $setWindowFields: {} },
];

const pipelines: [pipeline: Document[], result: unknown][] = [
  [[{ $match: { team: 'x' } }, { $count: 'n' }], [{ n: 2 }]],
  [[{ $match: { team: 'none' } }, { $count: 'n' }], []],
  [
    [{ $sort: { age: 1 } }, { $project: { _id: 1 } }],
    [{ _id: 4 }, { _id: 2 }, { _id: 1 }, { _id: 3 }],
  ],
  [
    [{ $sort: { team: -1, age: -1 } }, { $project: { _id: 1 } }],
    [{ _id: 4 }, { _id: 2 }, { _id: 3 }, { _id: 1 }],
  ],
  [
    [{ $skip: 1 }, { $limit: 2 }, { $project: { name: 1, _id: 0 } }],
    [{ name: 'bob' }, { name: 'cid' }],
  ],
  [
    [{ $group: { _id: '$team', n: { $sum: 1 }, age: { $avg: '$age' } } }, { $sort: { _id: 1 } }],
    [
      { _id: 'x', n: 2, age: 35 },
      { _id: 'y', n: 1, age: 20 },
      { _id: 'z', n: 1, age: null },
    ],
  ],
  [
    [{ $group: { _id: null, all: { $push: '$name' }, oldest: { $max: '$age' }, youngest: { $min: '$age' } } }],
    [{ _id: null, all: ['ann', 'bob', 'cid', 'dee'], oldest: 40, youngest: 20 }],
  ],
  [
    [{ $group: { _id: null, teams: { $addToSet: '$team' }, n: { $sum: 1 } } }],
    [{ _id: null, teams: ['x', 'y', 'z'], n: 4 }],
  ],
  [
    [{ $group: { _id: { t: '$team' }, f: { $first: '$name' }, l: { $last: '$name' } } }, { $match: { '_id.t': 'x' } }],
    [{ _id: { t: 'x' }, f: 'ann', l: 'cid' }],
  ],
  [
    [{ $unwind: '$tags' }, { $project: { tags: 1 } }],
    [
      { _id: 1, tags: 'a' },
      { _id: 1, tags: 'b' },
      { _id: 4, tags: 'b' },
    ],
  ],
  [
    [{ $match: { _id: 1 } }, { $addFields: { 'x.y': '$age', name: 'new' } }],
    [{ _id: 1, name: 'new', age: 30, team: 'x', tags: ['a', 'b'], x: { y: 30 } }],
  ],
  [[{ $match: { _id: 1 } }, { $unset: ['tags', 'team', 'age'] }], [{ _id: 1, name: 'ann' }]],
  [
    [
      { $match: { _id: 1 } },
      { $lookup: { from: 'teams', localField: 'team', foreignField: '_id', as: 't' } },
      { $project: { t: 1 } },
    ],
    [{ _id: 1, t: [{ _id: 'x', title: 'X-ray', members: [1, 3] }] }],
  ],
  [
    [
      { $match: { _id: 4 } },
      { $lookup: { from: 'teams', localField: 'team', foreignField: '_id', as: 't' } },
      { $project: { t: 1 } },
    ],
    [{ _id: 4, t: [] }],
  ],
  [
    [
      { $match: { _id: { $lt: 3 } } },
      { $lookup: { from: 'people', localField: 'tags', foreignField: 'tags', as: 'like' } },
      { $project: { like: '$like._id' } },
    ],
    [
      { _id: 1, like: [1, 4] },
      { _id: 2, like: [] },
    ],
  ],
  [
    [{ $group: { _id: null, all: { $mergeObjects: { a: '$_id' } }, some: { $push: '$age' } } }],
    [{ _id: null, all: { a: 4 }, some: [30, 20, 40, null] }],
  ],
  [
    [{ $match: { _id: 1 } }, { $set: { tags: { x: 1 }, team: '$missing' } }, { $unset: 'age' }],
    [{ _id: 1, name: 'ann', tags: [{ x: 1 }, { x: 1 }] }],
  ],
  [
    [{ $match: { _id: 1 } }, { $project: { n: { $size: '$tags' }, nested: { deep: '$age' } } }],
    [{ _id: 1, n: 2, nested: { deep: 30 } }],
  ],
  [[{ $match: { _id: 1 } }, { $project: { name: 0, tags: 0, age: 0 } }], [{ _id: 1, team: 'x' }]],
  // What is refused, before anything is read
  [[{ $out: 'x' }], { code: 40324 }],
  [[{ $merge: { into: 'x' } }], { code: 40324 }],
  ...UNSERVED.map((stage): [Document[], unknown] => [[stage], { code: 40324 }]),
  [[{ constructor: 1 }], { code: 40324 }],
  [[{ $unwind: { path: '$tags', includeArrayIndex: 'i' } }], { code: 28811 }],
  [[{ $unwind: { path: '$tags', preserveNullAndEmptyArrays: true } }], { code: 28811 }],
  [[{ $unwind: 5 }], { code: 28808 }],
  [[{ $lookup: { from: 'teams', pipeline: [], as: 't' } }], { code: 9 }],
  [[{ $lookup: { from: 'teams', localField: 'team', foreignField: '_id', as: 't', let: {} } }], { code: 9 }],
  [[{ $lookup: { from: 'teams', localField: 'team', as: 't' } }], { code: 9 }],
  [[{ $group: { _id: 1, n: { $count: {} } } }], { code: 15952 }],
  [[{ $group: { _id: 1, n: { $stdDevPop: '$age' } } }], { code: 15952 }],
  [[{ $group: { _id: 1, n: { constructor: 1 } } }], { code: 15952 }],
  [[{ $group: { _id: 1, n: { $sum: 1, $avg: 1 } } }], { code: 40238 }],
  [[{ $group: { _id: 1, 'a.b': { $sum: 1 } } }], { code: 40235 }],
  [[{ $group: { _id: 1, n: { $mergeObjects: '$name' } } }], { code: 40400 }],
  [[{ $group: 1 }], { code: 15947 }],
  [[{ $sort: {} }], { code: 15976 }],
  [[{ $sort: 1 }], { code: 15973 }],
  [[{ $skip: -1 }], { code: 51024 }],
  [[{ $skip: 'x' }], { code: 14 }],
  [[{ $set: 1 }], { code: 40272 }],
  [[{ $project: 1 }], { code: 15969 }],
  [[{ $unset: [] }], { code: 31002 }],
  [[{ $unset: 5 }], { code: 31002 }],
  [[{ $match: 1 }], { code: 14 }],
  [[{ $project: { a: {} } }], { code: 51270 }],
  [[{ $project: { a: 0, b: '$c' } }], { code: 31252 }],
  [[{ $project: { 'a.b': 1, a: 1 } }], { code: 31250 }],
  [[{ $match: {}, $sort: { a: 1 } }], { code: 40323 }],
  [[{ $group: { n: { $sum: 1 } } }], { code: 15955 }],
  [[{ $group: { _id: 1, n: { $nope: 1 } } }], { code: 15952 }],
  [[{ $group: { _id: 1, n: 5 } }], { code: 40234 }],
  [[{ $limit: 0 }], { code: 51024 }],
  [[{ $sort: { a: 2 } }], { code: 15975 }],
  [[{ $unwind: 'tags' }], { code: 28818 }],
  [[{ $count: '' }], { code: 40156 }],
  [[{ $project: { a: 1, b: 0 } }], { code: 31254 }],
  [[{ $project: { a: 0, b: 1 } }], { code: 31253 }],
  [[{ $project: {} }], { code: 51272 }],
  [[{ $project: { a: 1, 'a.b': 1 } }], { code: 31249 }],
  [[{ $match: { $where: 'true' } }], { code: 2 }],
  [[{ $match: { a: { $near: [0, 0] } } }], { code: 2 }],
  [[{ $match: {} }, { $changeStream: {} }], { code: 40602 }],
];

describe('pipelines, projections and sorts', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start({}, { maxPoolSize: 4 });
    await running.db.collection<Any>('people').insertMany(people);
    await running.db.collection<Any>('teams').insertMany(teams);
  });

  afterAll(async () => {
    await running.stop();
  });

  async function expectResult(attempt: Promise<unknown>, result: unknown): Promise<void> {
    if (typeof result === 'object' && result !== null && 'code' in result)
      await expect(attempt).rejects.toMatchObject(result);
    else expect(await attempt).toEqual(result);
  }

  it.each(pipelines.map(([pipeline, result]) => ({ name: JSON.stringify(pipeline).slice(0, 110), pipeline, result })))(
    '$name',
    async ({ pipeline, result }) => {
      await expectResult(running.db.collection('people').aggregate(pipeline).toArray(), result);
    },
  );

  it('find projects as it does in src/embedded-mongo/projection.spec.ts', async () => {
    const collection = running.db.collection<Any>('projected');
    await collection.insertMany(projections.map(([, doc], _id) => ({ ...doc, _id })));
    const answers = projections.map(async ([projection], _id) => {
      // The _id tells the documents apart; where it is shown, it is taken for that of the table.
      const found = collection.findOne({ _id }, { projection, promoteValues: false });
      return [projection, await wireOutcome(found.then((doc) => (doc && '_id' in doc ? { ...doc, _id: 1 } : doc)))];
    });
    expect(await Promise.all(answers)).toEqual(projections.map(([spec, , result]) => [spec, expected(result)]));
  });

  it('sorts every type in BSON order, either way', async () => {
    const collection = running.db.collection<Any>('ordered');
    const shuffled = ordered.map((v, _id) => ({ _id, v })).sort((a, b) => ((a._id * 7) % 11) - ((b._id * 7) % 11));
    await collection.insertMany(shuffled);
    const positions = ordered.map((_, i) => i);
    const ids = async (direction: 1 | -1) =>
      (await collection.find().sort({ v: direction }).toArray()).map(({ _id }) => _id as number);
    expect(await ids(1)).toEqual(positions);
    expect(await ids(-1)).toEqual(positions.toReversed());
  });

  it('sorts arrays by their least element up and their greatest down, and equal keys in natural order', async () => {
    const collection = running.db.collection<Any>('arrays');
    await collection.insertMany([
      { _id: 1, v: [5, 1] },
      { _id: 2, v: 3 },
      { _id: 3, v: [2, 9] },
      { _id: 4, v: 3 },
    ]);
    const ids = async (direction: 1 | -1) =>
      (await collection.find().sort({ v: direction }).toArray()).map(({ _id }) => _id as number);
    expect(await ids(1)).toEqual([1, 3, 2, 4]);
    expect(await ids(-1)).toEqual([3, 1, 2, 4]);
  });

  it('keeps field order and the type of every number', async () => {
    const collection = running.db.collection<Any>('types');
    const doc = { _id: 1, z: 1, a: new Double(1), m: Long.fromNumber(1), b: 1.5, y: 3e9, n: { q: 1, c: 2 } };
    await collection.insertOne(doc);
    const back = await collection.findOne({}, { promoteValues: false });
    expect(Object.keys(back ?? {})).toEqual(Object.keys(doc));
    const types = ['z', 'a', 'm', 'b', 'y'].map((key) => (back?.[key] as { _bsontype?: string })._bsontype);
    expect(types).toEqual(['Int32', 'Double', 'Long', 'Double', 'Double']);
  });
});
