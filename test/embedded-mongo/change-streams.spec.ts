import { once } from 'node:events';
import {
  Long,
  MongoClient,
  type ChangeStream,
  type ChangeStreamDocument,
  type CommandStartedEvent,
  type Document,
  type ResumeToken,
} from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Any, type Running } from './kit.js';

type Event = ChangeStreamDocument & { documentKey?: Document; fullDocument?: Document; updateDescription?: Document };

async function take(stream: ChangeStream, count: number): Promise<Event[]> {
  const events: Event[] = [];
  while (events.length < count) events.push((await stream.next()) as Event);
  return events;
}

describe('change streams', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
  });

  afterAll(async () => {
    await running.stop();
  });

  /** Opens a stream and waits until it is open, so that what follows is seen. */
  async function opened(stream: ChangeStream): Promise<ChangeStream> {
    await stream.tryNext();
    return stream;
  }

  it('tell every kind of change with its key, its description and its document', async () => {
    const c = running.db.collection<Any>('kinds');
    const stream = await opened(c.watch([], { fullDocument: 'updateLookup', maxAwaitTimeMS: 100 }));
    await c.insertOne({ _id: 1, a: { x: 1, y: 2 }, list: [1, 2], gone: 1 });
    await c.updateOne({ _id: 1 }, { $set: { 'a.x': 5, b: 1 }, $push: { list: 3 }, $unset: { gone: 1 } } as Document);
    await c.updateOne({ _id: 1 }, { $set: { b: 1 } });
    await c.updateOne({ _id: 1 }, [{ $set: { list: { $slice: ['$list', 2] } } }]);
    await c.replaceOne({ _id: 1 }, { z: 1 });
    await c.deleteOne({ _id: 1 });
    const events = await take(stream, 5);
    expect(events.map((event) => event.operationType)).toEqual(['insert', 'update', 'update', 'replace', 'delete']);
    expect(events[0]).toMatchObject({
      ns: { db: 'test', coll: 'kinds' },
      documentKey: { _id: 1 },
      fullDocument: { gone: 1 },
    });
    expect(events[1]?.updateDescription).toEqual({
      updatedFields: { 'a.x': 5, b: 1, 'list.2': 3 },
      removedFields: ['gone'],
      truncatedArrays: [],
    });
    expect(events[2]?.updateDescription).toMatchObject({ truncatedArrays: [{ field: 'list', newSize: 2 }] });
    expect(events[3]?.fullDocument).toEqual({ _id: 1, z: 1 });
    expect(events[4]).toMatchObject({ documentKey: { _id: 1 } });

    await stream.close();
  });

  it('watch a whole database through a pipeline', async () => {
    const db = running.client.db('watched');
    const stream = await opened(
      db.watch([{ $match: { 'ns.coll': 'b', operationType: 'insert' } }, { $project: { documentKey: 1 } }], {
        maxAwaitTimeMS: 100,
      }),
    );
    await db.collection<Any>('a').insertOne({ _id: 1 });
    await db.collection<Any>('b').insertMany([{ _id: 2 }, { _id: 3 }]);
    await running.db.collection<Any>('b').insertOne({ _id: 4 });
    const events = await take(stream, 2);
    expect(events.map((event) => event.documentKey)).toEqual([{ _id: 2 }, { _id: 3 }]);
    expect(Object.keys(events[0] ?? {})).toEqual(['_id', 'documentKey']);
    await stream.close();
  });

  it('are told at once, not when the wait is over', async () => {
    const client = new MongoClient(running.server.uri, { monitorCommands: true });
    const c = client.db('test').collection<Any>('quick');
    const wait = 90_000;
    const stream = c.watch([], { maxAwaitTimeMS: wait });
    const waiting = async (): Promise<void> => {
      while (((await once(client, 'commandStarted')) as [CommandStartedEvent])[0].commandName !== 'getMore');
    };
    for (let i = 0; i < 10; i++) {
      const asked = waiting();
      const next = stream.next();
      await asked;
      const written = performance.now();
      await c.insertOne({ i });
      await next;
      expect(performance.now() - written).toBeLessThan(wait / 2);
    }
    await stream.close();
    await client.close();
  });

  it('answer a waiting getMore at once when the cursor is killed', async () => {
    const db = running.client.db('killed');
    const opening = { aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} };
    const { cursor } = (await db.command(opening)) as { cursor: { id: Long } };
    const waiting = db.command({ getMore: Long.fromValue(cursor.id), collection: 'c', maxTimeMS: 60_000 });
    const outcome = expect(waiting).rejects.toMatchObject({ code: 237, codeName: 'CursorKilled' });
    const killing = { killCursors: 'c', cursors: [Long.fromValue(cursor.id)] };
    expect(await db.command(killing)).toMatchObject({ cursorsNotFound: [] });
    await outcome;
    expect(await db.command(killing)).toMatchObject({ cursorsKilled: [] });
  });

  it('go on when a wait is longer than idle cursors are kept', async () => {
    const brief = await start({ cursorSeconds: 1 });
    const c = brief.db.collection<Any>('c');
    const stream = c.watch([], { maxAwaitTimeMS: 2_500 });
    const next = take(stream, 2);
    const cursors = async (): Promise<unknown> =>
      ((await brief.db.command({ serverStatus: 1 })) as { metrics: Document }).metrics['cursor'];
    await expect.poll(cursors).toEqual({ open: { total: 1 } });
    await expect.poll(cursors).toEqual({ open: { total: 0 } });
    await c.insertOne({ _id: 1 });
    await c.insertOne({ _id: 2 });
    expect((await next).map((event) => event.documentKey)).toEqual([{ _id: 1 }, { _id: 2 }]);
    await stream.close();
    await brief.stop();
  });

  it('resume after a token, also after a restart', async () => {
    const c = running.db.collection<Any>('resumed');
    const stream = await opened(c.watch([], { maxAwaitTimeMS: 100 }));
    await c.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
    const [first] = await take(stream, 1);
    await stream.close();
    await running.restart();
    await c.insertOne({ _id: 4 });
    for (const option of ['resumeAfter', 'startAfter'] as const) {
      const resumed = c.watch([], { [option]: first?._id as ResumeToken });
      expect((await take(resumed, 3)).map((event) => event.documentKey)).toEqual([{ _id: 2 }, { _id: 3 }, { _id: 4 }]);
      await resumed.close();
    }
  });

  it('go on by themselves over a restart without losing or doubling an event', async () => {
    const c = running.db.collection<Any>('restarted');
    const stream = c.watch([{ $match: { operationType: 'insert' } }], { maxAwaitTimeMS: 200 });
    const seen: unknown[] = [];
    stream.on('change', (event) => seen.push((event as Event).documentKey?.['_id']));
    stream.on('error', (error) => seen.push(error));
    await once(stream, 'resumeTokenChanged');
    for (let _id = 0; _id < 40; _id++) {
      // The driver repeats a write only while it knows its server; the stream's own failed getMore may come first.
      await c.insertOne({ _id }).catch(() => c.updateOne({ _id }, { $set: { again: true } }, { upsert: true }));
      if (_id === 20) await running.restart();
    }
    await expect.poll(() => seen.length).toBe(40);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i));
    await stream.close();
  });

  it('end with an invalidate event when their collection or database is dropped', async () => {
    const db = running.client.db('dropped');
    const c = db.collection<Any>('c');
    await c.insertOne({ _id: 1 });
    const stream = await opened(c.watch([], { maxAwaitTimeMS: 100 }));
    const whole = await opened(db.watch([], { maxAwaitTimeMS: 100 }));
    await c.drop();
    const events = await take(stream, 2);
    expect(events.map((event) => event.operationType)).toEqual(['drop', 'invalidate']);
    expect(await stream.tryNext().catch(() => null)).toBeNull();
    await c.insertOne({ _id: 2 });
    await expect(c.watch([], { resumeAfter: events[1]?._id as ResumeToken }).next()).rejects.toMatchObject({
      code: 260,
    });
    const after = c.watch([], { startAfter: events[1]?._id as ResumeToken });
    expect((await take(after, 1))[0]?.documentKey).toEqual({ _id: 2 });
    await after.close();
    await db.dropDatabase();
    expect((await take(whole, 5)).map((event) => event.operationType)).toEqual([
      'drop',
      'insert',
      'drop',
      'dropDatabase',
      'invalidate',
    ]);
  });

  it('end where they have fallen behind the kept history', async () => {
    const short = await start({ historyBytes: 20_000 });
    const opening = { aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} };
    const { cursor } = (await short.db.command(opening)) as { cursor: { id: Long } };
    await short.db.collection<Any>('c').insertMany(Array.from({ length: 500 }, (_, _id) => ({ _id })));
    await expect(
      short.db.command({ getMore: Long.fromValue(cursor.id), collection: 'c', maxTimeMS: 100 }),
    ).rejects.toMatchObject({ code: 286, codeName: 'ChangeStreamHistoryLost' });
    await short.stop();
  });

  it('refuse to resume from before the kept history', async () => {
    const short = await start({ historyBytes: 20_000 });
    const c = short.db.collection<Any>('short');
    const stream = await opened(c.watch([], { maxAwaitTimeMS: 100 }));
    await c.insertOne({ _id: 0 });
    const [first] = await take(stream, 1);
    await stream.close();
    await c.insertMany(Array.from({ length: 500 }, (_, i) => ({ _id: i + 1 })));
    await expect(c.watch([], { resumeAfter: first?._id as ResumeToken }).next()).rejects.toMatchObject({
      code: 286,
      codeName: 'ChangeStreamHistoryLost',
    });
    await short.stop();
  });
});
