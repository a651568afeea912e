import { Decimal128, Long, UUID, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Any, type Running } from './kit.js';

/** A command and what its reply holds, or the error it is refused with. */
type Exchange = [command: Document, reply: Document];

/** Each on what is there at first. */
const commands: Exchange[] = [
  [{ ping: 1 }, { ok: 1 }],
  [
    { hello: 1 },
    {
      isWritablePrimary: true,
      setName: 'berth',
      maxWireVersion: 21,
      minWireVersion: 0,
      logicalSessionTimeoutMinutes: 30,
      readOnly: false,
      ok: 1,
    },
  ],
  [{ isMaster: 1 }, { ismaster: true, maxBsonObjectSize: 16_777_216, maxWriteBatchSize: 100_000 }],
  [{ buildInfo: 1 }, { version: '7.0.0', versionArray: [7, 0, 0, 0], ok: 1 }],
  [{ connectionStatus: 1 }, { authInfo: { authenticatedUsers: [] }, ok: 1 }],
  [{ serverStatus: 1 }, { process: 'berth-embedded-mongo', connections: {}, opcounters: {}, ok: 1 }],
  [{ dbStats: 1 }, { db: 'test', ok: 1 }],
  [{ collStats: 'none' }, { count: 0, size: 0, ok: 1 }],
  [{ endSessions: [] }, { ok: 1 }],
  [{ count: 'items' }, { n: 3, ok: 1 }],
  [{ count: 'items', query: { a: { $gt: 1 } } }, { n: 2 }],
  [{ count: 'items', skip: 1, limit: 1 }, { n: 1 }],
  [{ count: 'none' }, { n: 0 }],
  [{ distinct: 'items', key: 'a' }, { values: [1, 2, 3] }],
  [{ distinct: 'items', key: 'tags' }, { values: ['x', 'y'] }],
  [{ distinct: 'items', key: 'a', query: { a: { $lt: 3 } } }, { values: [1, 2] }],
  [
    { find: 'items', filter: { _id: 1 } },
    { cursor: { firstBatch: [{ _id: 1, a: 1, tags: ['x', 'y'] }], id: 0, ns: 'test.items' } },
  ],
  [{ find: 'none' }, { cursor: { firstBatch: [], id: 0, ns: 'test.none' } }],
  [
    { find: 'items', batchSize: 1, singleBatch: true, sort: { _id: -1 } },
    { cursor: { firstBatch: [{ _id: 3, a: 3 }], id: 0 } },
  ],
  [{ find: 'items', hint: '_id_', filter: { _id: 2 } }, { code: 115 }],
  [{ find: 'items', let: { x: 2 }, filter: {} }, { code: 115 }],
  [{ find: 'items', limit: 0, skip: 2, projection: { _id: 1 } }, { cursor: { firstBatch: [{ _id: 3 }] } }],
  [{ count: 'items', hint: 'a_1' }, { code: 115 }],
  [{ distinct: 'items', key: 'a', collation: { locale: 'de' } }, { code: 115 }],
  [{ aggregate: 'items', pipeline: [], cursor: {}, let: { x: 1 } }, { code: 115 }],
  [{ aggregate: 'items', pipeline: [], explain: true }, { code: 115 }],
  [{ findAndModify: 'items', query: {}, update: {}, arrayFilters: [{}] }, { code: 115 }],
  [{ insert: 'w', documents: [{}], let: { x: 1 } }, { code: 115 }],
  [{ update: 'w', updates: [{ q: {}, u: {}, hint: 'x' }] }, { writeErrors: [{ code: 115 }] }],
  [{ update: 'w', updates: [{ q: {}, u: {}, what: 1 }] }, { writeErrors: [{ code: 40415 }] }],
  [{ update: 'w', updates: [{ q: {}, u: { $set: {} }, multi: true, sort: { a: 1 } }] }, { writeErrors: [{ code: 9 }] }],
  [{ delete: 'w', deletes: [{ q: {}, limit: 1, collation: { locale: 'de' } }] }, { writeErrors: [{ code: 115 }] }],
  [{ explain: { count: 'items', query: { a: 2 } } }, { executionStats: { nReturned: 1 } }],
  [{ explain: { distinct: 'items', key: 'a', query: {} } }, { executionStats: { nReturned: 3 } }],
  [{ explain: { find: 'none' } }, { queryPlanner: { winningPlan: { stage: 'EOF' } } }],
  [{ explain: { update: 'items', updates: [] } }, { code: 115 }],
  [{ explain: { find: 'items', filter: { $nope: 1 } } }, { code: 2 }],
  [{ collStats: 'items', scale: 0 }, { code: 51024 }],
  [
    { collStats: 'items', scale: 1_000_000 },
    { count: 3, size: 0 },
  ],
  [{ collStats: 'items' }, { count: 3, nindexes: 2, indexSizes: { a_1: 3 } }],
  [{ listDatabases: 1, nameOnly: true, filter: { name: 'test' } }, { databases: [{ name: 'test' }] }],
  [{ startSession: 1 }, { code: 59 }],
  [{ getParameter: 1 }, { code: 59 }],
  [
    { explain: { find: 'items', filter: { a: 2 } } },
    {
      queryPlanner: { winningPlan: { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: 'a_1' } } },
      executionStats: { nReturned: 1, totalDocsExamined: 1 },
    },
  ],
  [{ explain: { find: 'items', filter: { _id: 2 } } }, { queryPlanner: { winningPlan: { stage: 'IDHACK' } } }],
  [
    { explain: { find: 'items', filter: { tags: 'x' } } },
    { queryPlanner: { winningPlan: { stage: 'COLLSCAN' } }, executionStats: { totalDocsExamined: 3 } },
  ],
  [
    { explain: { aggregate: 'items', pipeline: [{ $match: { a: { $gt: 1 } } }], cursor: {} } },
    { queryPlanner: { winningPlan: { stage: 'FETCH' } } },
  ],
  [
    { listCollections: 1, filter: { name: 'items' }, nameOnly: true },
    { cursor: { firstBatch: [{ name: 'items', type: 'collection' }] } },
  ],
  [
    { listIndexes: 'items' },
    {
      cursor: {
        firstBatch: [
          { v: 2, key: { _id: 1 }, name: '_id_' },
          { v: 2, key: { a: 1 }, name: 'a_1' },
        ],
      },
    },
  ],
  [
    { killCursors: 'items', cursors: [Long.fromNumber(77)] },
    { cursorsKilled: [], cursorsNotFound: [77] },
  ],
  [
    { insert: 'w', documents: [{ _id: 2 }], writeConcern: { w: 3 } },
    { code: 100, codeName: 'UnsatisfiableWriteConcern' },
  ],
  [{ insert: 'w', documents: [{ _id: [1] }] }, { writeErrors: [{ code: 53 }] }],
  [
    { insert: 'w', documents: [{ a: Decimal128.fromString('1') }] },
    { code: 2, ok: 0 },
  ],
  [{ update: 'w', updates: [{ q: {}, u: { a: 1 }, multi: true }] }, { writeErrors: [{ index: 0, code: 9 }] }],
  [
    { update: 'w', updates: [{ q: {}, u: { $set: { 'a.$[x]': 1 } }, arrayFilters: [{ x: 1 }] }] },
    { writeErrors: [{ code: 115 }] },
  ],
  [{ delete: 'w', deletes: [{ q: {}, limit: 2 }] }, { writeErrors: [{ code: 9 }] }],
  [
    { createIndexes: 'ix', indexes: [{ key: { a: 'text' }, name: 't' }] },
    { code: 67, codeName: 'CannotCreateIndex' },
  ],
  [{ createIndexes: 'ix', indexes: [{ key: { a: 1, b: 1 }, name: 't', expireAfterSeconds: 1 }] }, { code: 67 }],
  [
    { createIndexes: 'ix', indexes: [{ key: { a: 1 }, name: 't', wildcardProjection: {} }] },
    { code: 72, codeName: 'InvalidOptions' },
  ],
  [{ createIndexes: 'ix', indexes: [{ key: { a: 1 }, name: 't', collation: { locale: 'de' } }] }, { code: 72 }],
  [{ createIndexes: 'items', indexes: [{ key: { tags: 1 }, name: 'u', unique: true }] }, { code: 11000 }],
  [
    { dropIndexes: 'none', index: '*' },
    { code: 26, codeName: 'NamespaceNotFound' },
  ],
  [{ listIndexes: 'none' }, { code: 26, codeName: 'NamespaceNotFound' }],
  // What is refused by name
  [{ nope: 1 }, { code: 59, codeName: 'CommandNotFound', errmsg: "no such command: 'nope'" }],
  [{ mapReduce: 'items' }, { code: 59 }],
  [{ renameCollection: 'test.a', to: 'test.b' }, { code: 59 }],
  [
    { find: 'items', what: 1 },
    { code: 40415, errmsg: "BSON field 'find.what' is an unknown field." },
  ],
  [
    { find: 'items', filter: 1 },
    { code: 14, codeName: 'TypeMismatch' },
  ],
  [
    { find: 'items', filter: { $nope: 1 } },
    { code: 2, codeName: 'BadValue' },
  ],
  [{ find: 'items', filter: { a: { $nope: 1 } } }, { code: 2 }],
  [{ find: 'items', filter: { a: { $in: 1 } } }, { code: 2 }],
  [{ find: 'items', filter: { $and: [] } }, { code: 2 }],
  [{ find: 'items', filter: { a: { $size: -1 } } }, { code: 9 }],
  [{ find: 'items', filter: { a: { $type: 'string' } } }, { code: 2 }],
  [{ find: 'items', filter: { a: { $mod: [4, 0] } } }, { code: 2 }],
  [{ find: 'items', filter: { a: { $near: [0, 0] } } }, { code: 2 }],
  [{ find: 'items', filter: { a: { $bitsAllSet: 1 } } }, { code: 2 }],
  [{ find: 'items', filter: { a: { $all: [{ $elemMatch: { b: 1 } }] } } }, { code: 2 }],
  [{ find: 'items', filter: { a: { $gt: 1, constructor: 1 } } }, { code: 2 }],
  [{ find: 'items', filter: { $where: 'true' } }, { code: 2 }],
  [{ find: 'items', filter: { $text: { $search: 'x' } } }, { code: 2 }],
  [{ find: 'items', filter: { $comment: 'why' } }, { code: 2 }],
  [{ find: 'items', filter: { $jsonSchema: {} } }, { code: 2 }],
  [{ find: 'items', filter: { a: { $regex: '(?=x)' } } }, { code: 51091 }],
  [{ find: 'items', filter: { a: { $regex: '(' } } }, { code: 51091 }],
  [{ find: 'items', filter: { a: { $regex: 'a', $options: 'g' } } }, { code: 51108 }],
  [{ find: 'items', skip: -1 }, { code: 51024 }],
  [
    { find: 'items', collation: { locale: 'de' } },
    { code: 115, codeName: 'CommandNotSupported' },
  ],
  [{ find: 'items', tailable: true }, { code: 115 }],
  [{ find: '' }, { code: 73, codeName: 'InvalidNamespace' }],
  [{ insert: 'a$b', documents: [{}] }, { writeErrors: [{ code: 73 }] }],
  [{ insert: 'x' }, { code: 40414 }],
  [{ insert: 'x', documents: [] }, { code: 16 }],
  [{ create: 'x', capped: true, size: 1 }, { code: 115 }],
  [{ create: 'x', viewOn: 'items', pipeline: [] }, { code: 115 }],
  [
    { aggregate: 'items', pipeline: [] },
    { code: 9, codeName: 'FailedToParse' },
  ],
  [{ aggregate: 1, pipeline: [{ $match: {} }], cursor: {} }, { code: 73 }],
  [{ aggregate: 'items', pipeline: 1, cursor: {} }, { code: 14 }],
  [
    { getMore: Long.fromNumber(5), collection: 'items' },
    { code: 43, codeName: 'CursorNotFound' },
  ],
  [{ findAndModify: 'items' }, { code: 9 }],
  [{ findAndModify: 'items', remove: true, new: true }, { code: 9 }],
  [{ distinct: 'items', key: 1 }, { code: 14 }],
  [{ insert: 'x', documents: [{}], writeConcern: { w: 'what' } }, { code: 79 }],
  [{ find: 'items', readConcern: { level: 'what' } }, { code: 9 }],
  [
    {
      insert: 'x',
      documents: [{}],
      lsid: { id: new UUID() },
      txnNumber: Long.fromNumber(1),
      autocommit: false,
      startTransaction: true,
    },
    { code: 115 },
  ],
  [{ aggregate: 'items', pipeline: [{ $changeStream: { fullDocument: 'required' } }], cursor: {} }, { code: 2 }],
  [{ aggregate: 'items', pipeline: [{ $changeStream: { startAtOperationTime: 1 } }], cursor: {} }, { code: 40415 }],
  [{ aggregate: 'items', pipeline: [{ $changeStream: { showExpandedEvents: true } }], cursor: {} }, { code: 40415 }],
  [{ aggregate: 'items', pipeline: [{ $changeStream: 1 }], cursor: {} }, { code: 14 }],
  [
    { aggregate: 'items', pipeline: [{ $changeStream: { resumeAfter: { _data: 'a' }, startAfter: {} } }], cursor: {} },
    { code: 50865 },
  ],
  [
    { aggregate: 'items', pipeline: [{ $changeStream: { resumeAfter: { _data: 'zz' } } }], cursor: {} },
    { code: 260, codeName: 'InvalidResumeToken' },
  ],
  [{ aggregate: 'items', pipeline: [{ $changeStream: {} }, { $group: { _id: 1 } }], cursor: {} }, { code: 20 }],
];

/** Commands of which the later ones depend on the earlier ones. */
const histories: [what: string, history: Exchange[]][] = [
  [
    'documents written, changed and deleted',
    [
      [
        { insert: 'written', documents: [{ _id: 1 }], writeConcern: { w: 'majority', j: true } },
        { n: 1, ok: 1 },
      ],
      [
        { insert: 'written', documents: [{ _id: 1 }] },
        {
          n: 0,
          writeErrors: [
            {
              index: 0,
              code: 11000,
              keyPattern: { _id: 1 },
              keyValue: { _id: 1 },
              errmsg: 'E11000 duplicate key error collection: test.written index: _id_ dup key: { _id: 1 }',
            },
          ],
        },
      ],
      [
        { update: 'written', updates: [{ q: { _id: 1 }, u: { $set: { a: 1 } } }] },
        { n: 1, nModified: 1 },
      ],
      [
        { update: 'written', updates: [{ q: { _id: 1 }, u: { $set: { a: 1 } } }] },
        { n: 1, nModified: 0 },
      ],
      [
        { update: 'written', updates: [{ q: { _id: 8 }, u: { $set: { a: 1 } }, upsert: true }] },
        { n: 1, nModified: 0, upserted: [{ index: 0, _id: 8 }] },
      ],
      [
        { delete: 'written', deletes: [{ q: { _id: 8 }, limit: 1 }] },
        { n: 1, ok: 1 },
      ],
    ],
  ],
  [
    'collections made and dropped',
    [
      [{ create: 'made' }, { ok: 1 }],
      [{ create: 'made' }, { code: 48, codeName: 'NamespaceExists' }],
      [{ drop: 'made' }, { nIndexesWas: 1, ns: 'test.made', ok: 1 }],
      [{ drop: 'made' }, { ok: 1 }],
    ],
  ],
  [
    'indexes made and dropped',
    [
      [
        { createIndexes: 'indexed', indexes: [{ key: { a: 1, b: -1 }, name: 'ab', unique: true }] },
        { numIndexesBefore: 1, numIndexesAfter: 2, createdCollectionAutomatically: true },
      ],
      [
        { createIndexes: 'indexed', indexes: [{ key: { a: 1, b: -1 }, name: 'ab', unique: true }] },
        { numIndexesBefore: 2, numIndexesAfter: 2, note: 'all indexes already exist' },
      ],
      [
        { createIndexes: 'indexed', indexes: [{ key: { c: 1 }, name: 'ab' }] },
        { code: 86, codeName: 'IndexKeySpecsConflict' },
      ],
      [
        { createIndexes: 'indexed', indexes: [{ key: { a: 1, b: -1 }, name: 'other', unique: true }] },
        { code: 85, codeName: 'IndexOptionsConflict' },
      ],
      [
        { dropIndexes: 'indexed', index: 'nope' },
        { code: 27, codeName: 'IndexNotFound' },
      ],
      [{ dropIndexes: 'indexed', index: '_id_' }, { code: 72 }],
      [
        { dropIndexes: 'indexed', index: 'ab' },
        { nIndexesWas: 2, ok: 1 },
      ],
    ],
  ],
];

describe('commands answer what MongoDB answers', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
    const items = running.db.collection<Any>('items');
    await items.insertMany([
      { _id: 1, a: 1, tags: ['x', 'y'] },
      { _id: 2, a: 2, tags: ['y'] },
      { _id: 3, a: 3 },
    ]);
    await items.createIndex({ a: 1 });
  });

  afterAll(async () => {
    await running.stop();
  });

  async function expectReply([command, reply]: Exchange): Promise<void> {
    const attempt: unknown = await running.db.command(command).catch((error: unknown) => error);
    const { ok: _ok, ...expected } = reply;
    const answer = attempt as { result?: Document; errorResponse?: Document };
    const shown = { ...(attempt as Document), ...(answer.errorResponse ?? {}), ...(answer.result ?? {}) };
    expect(shown, JSON.stringify(command)).toMatchObject(expected);
  }

  it.each(commands.map((exchange) => ({ name: JSON.stringify(exchange[0]).slice(0, 120), exchange })))(
    '$name',
    ({ exchange }) => expectReply(exchange),
  );

  it.each(histories)('%s', async (_what, history) => {
    for (const exchange of history) await expectReply(exchange);
  });
});

describe('indexes', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
  });

  afterAll(async () => {
    await running.stop();
  });

  const duplicate = { code: 11000 };

  it('keep compound keys unique, and tell which', async () => {
    const c = running.db.collection<Any>('compound');
    await c.createIndex({ a: 1, 'b.c': 1 }, { unique: true });
    await c.insertMany([{ a: 1, b: { c: 1 } }, { a: 1, b: { c: 2 } }, { a: 2 }]);
    await expect(c.insertOne({ a: 1, b: { c: 2 } })).rejects.toMatchObject({
      ...duplicate,
      keyPattern: { a: 1, 'b.c': 1 },
      keyValue: { a: 1, 'b.c': 2 },
    });
    await expect(c.insertOne({ a: 2 })).rejects.toMatchObject({ ...duplicate, keyValue: { a: 2, 'b.c': null } });
    await expect(c.updateOne({ 'b.c': 1 }, { $set: { 'b.c': 2 } })).rejects.toMatchObject(duplicate);
    await c.updateOne({ 'b.c': 1 }, { $set: { 'b.c': 1, d: 1 } });
    await c.deleteOne({ a: 1, 'b.c': 2 });
    await c.insertOne({ a: 1, b: { c: 2 } });
  });

  it('keep each element of an array unique among documents, not within one', async () => {
    const c = running.db.collection<Any>('multikey');
    await c.createIndex({ a: 1 }, { unique: true });
    await c.insertOne({ a: [1, 1, 2] });
    await expect(c.insertOne({ a: 2 })).rejects.toMatchObject({ ...duplicate, keyValue: { a: 2 } });
    await c.insertOne({ a: [] });
    await expect(c.insertOne({ a: [[]] })).resolves.toBeTruthy();
    await expect(c.insertOne({ a: [7], b: [8] })).resolves.toBeTruthy();
    await c.createIndex({ a: 1, b: 1 }).catch((error: unknown) => expect(error).toMatchObject({ code: 171 }));
  });

  it('leave out what is sparse or not selected', async () => {
    const c = running.db.collection<Any>('partial');
    await c.createIndex({ s: 1 }, { unique: true, sparse: true });
    await c.createIndex({ p: 1 }, { unique: true, partialFilterExpression: { live: true } });
    await c.insertMany([
      { _id: 1, live: true, p: 1 },
      { _id: 2, live: false, p: 1 },
      { _id: 3, p: 1 },
    ]);
    await expect(c.insertOne({ live: true, p: 1 })).rejects.toMatchObject(duplicate);
    await expect(c.updateOne({ _id: 2 }, { $set: { live: true } })).rejects.toMatchObject(duplicate);
    await c.updateOne({ _id: 1 }, { $set: { live: false } });
    await c.updateOne({ _id: 2 }, { $set: { live: true } });
    expect(
      await c
        .find({ p: 1 })
        .sort({ _id: 1 })
        .map(({ _id }) => _id as number)
        .toArray(),
    ).toEqual([1, 2, 3]);
    expect(await c.countDocuments({ p: 1, live: true })).toBe(1);
    expect(await c.countDocuments({ s: null })).toBe(3);
  });

  it('expire documents by date', async () => {
    const c = running.db.collection<Any>('ttl');
    await c.createIndex({ at: 1 }, { expireAfterSeconds: 3_600 });
    await c.insertMany([
      { _id: 1, at: new Date(Date.now() - 3_601_000) },
      { _id: 2, at: new Date() },
      { _id: 3, at: 'never' },
      { _id: 4 },
    ]);
    await expect.poll(() => c.countDocuments()).toBe(3);
    expect(await c.findOne({ _id: 1 })).toBeNull();
  });

  it('survive a restart', async () => {
    const c = running.db.collection<Any>('kept');
    await c.createIndex({ a: 1 }, { unique: true });
    await c.insertMany([{ a: 1 }, { a: 2 }]);
    await running.restart();
    await expect(c.insertOne({ a: 2 })).rejects.toMatchObject(duplicate);
    expect((await c.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1']);
  });
});

describe('cursors', () => {
  it('hand out batches, end, are killed, and expire', async () => {
    const running = await start();
    const c = running.db.collection<Any>('many');
    await c.insertMany(Array.from({ length: 1000 }, (_, _id) => ({ _id })));
    expect((await c.find().batchSize(7).toArray()).length).toBe(1000);
    expect((await c.find().toArray()).length).toBe(1000);
    const cursor = c.find().batchSize(2);
    expect(await cursor.next()).toEqual({ _id: 0 });
    await cursor.close();
    await running.stop();
    const brief = await start({ cursorSeconds: 1 });
    const d = brief.db.collection<Any>('few');
    await d.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })));
    const idle = d.find().batchSize(2);
    await idle.next();
    await idle.next();
    const open = async (): Promise<unknown> => {
      const { metrics } = (await brief.db.command({ serverStatus: 1 })) as { metrics: Document };
      return (metrics['cursor'] as Document)['open'];
    };
    await expect.poll(open).toEqual({ total: 0 });
    await expect(idle.next()).rejects.toMatchObject({ code: 43 });
    await brief.stop();
  });

  it('never put more than 16 MiB into a reply', async () => {
    const running = await start();
    const c = running.db.collection<Any>('large');
    const text = 'x'.repeat(5 * 1024 * 1024);
    for (let _id = 0; _id < 7; _id++) await c.insertOne({ _id, text });
    expect((await c.find().toArray()).length).toBe(7);
    await expect(c.insertOne({ text: 'x'.repeat(16 * 1024 * 1024) })).rejects.toThrow();
    await expect(
      c.updateOne({ _id: 1 }, [{ $set: { more: ['$text', '$text', '$text', '$text'] } }]),
    ).rejects.toMatchObject({ code: 10334 });
    await running.stop();
  });
});
