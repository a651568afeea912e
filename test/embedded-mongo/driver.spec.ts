import { existsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Long, MongoClient, MongoServerSelectionError, UUID, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedMongo } from '../../src/embedded-mongo/index.js';
import { newDirectory, rawCommand, start, type Any, type Running } from './kit.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { size } from '../support/layer.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { spawnServer } from './process.js';

describe("the driver's own behaviour", () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
  });

  afterAll(async () => {
    await running.stop();
  });

  it('goes on after a restart with retryable reads and writes', async () => {
    const c = running.db.collection<Any>('again');
    await c.insertOne({ _id: 0 });
    for (let i = 1; i <= 5; i++) {
      await running.restart();
      if (i % 2 === 0) await c.insertOne({ _id: i });
      else expect(await c.countDocuments()).toBe(Math.floor((i + 1) / 2));
    }
    expect(await c.countDocuments()).toBe(3);
  });

  it('is told the stored reply when it repeats a write, also after a restart', async () => {
    const lsid = { id: new UUID() };
    const once = {
      findAndModify: 'retried',
      query: { _id: 1 },
      update: { $inc: { n: 1 } },
      upsert: true,
      new: true,
      lsid,
      txnNumber: Long.fromNumber(7),
    };
    const raw = await rawCommand(running.server.uri, { ...once, $db: 'test' });
    expect(raw).toMatchObject({ value: { _id: 1, n: 1 } });
    expect(await rawCommand(running.server.uri, { ...once, $db: 'test' })).toMatchObject({ value: { _id: 1, n: 1 } });
    await running.restart();
    expect(await rawCommand(running.server.uri, { ...once, $db: 'test' })).toMatchObject({ value: { _id: 1, n: 1 } });
    expect(await running.db.collection<Any>('retried').findOne()).toEqual({ _id: 1, n: 1 });
    expect(await rawCommand(running.server.uri, { ...once, txnNumber: Long.fromNumber(6), $db: 'test' })).toMatchObject(
      { code: 225, codeName: 'TransactionTooOld' },
    );
    expect(await rawCommand(running.server.uri, { ...once, txnNumber: Long.fromNumber(8), $db: 'test' })).toMatchObject(
      { value: { n: 2 } },
    );
  });

  it('is told that no server is there when there is none', async () => {
    const client = new MongoClient(`mongodb://127.0.0.1:${await freePort()}/?directConnection=true`, {
      serverSelectionTimeoutMS: 300,
    });
    await expect(client.db('x').command({ ping: 1 })).rejects.toBeInstanceOf(MongoServerSelectionError);
    await client.close();
  });

  it(
    'finds the server again each time that all connections have ended at once, under load',
    { tags: ['sized'] },
    async () => {
      const port = await freePort();
      const directory = newDirectory();
      let server = await spawnServer(directory, port);
      await using proxy = await TcpProxy.open(port);
      const client = new MongoClient(`mongodb://127.0.0.1:${proxy.port}/?directConnection=true`, {
        serverSelectionTimeoutMS: 5_000,
        connectTimeoutMS: 5_000,
        socketTimeoutMS: 5_000,
        heartbeatFrequencyMS: 2_000,
      });
      const c = client.db('test').collection<Any>('under-load');
      let written = 0;
      let stopped = false;
      const writers = Array.from({ length: 40 }, async () => {
        while (!stopped) {
          await c.insertOne({}).then(
            () => written++,
            () => undefined,
          );
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      });
      for (let round = 0; round < size(3, 10); round++) {
        await eventually(() => expect(written).toBeGreaterThan(0), 60_000);
        await server.end('SIGKILL');
        server = await spawnServer(directory, port);
        written = 0;
      }
      await eventually(() => expect(written).toBeGreaterThan(0), 60_000);
      stopped = true;
      await Promise.all(writers);
      await client.close();
      await server.end('SIGKILL');
    },
  );

  it('shares a bounded pool among many requests', async () => {
    const client = new MongoClient(running.server.uri, { maxPoolSize: 4 });
    let open = 0;
    let most = 0;
    client.on('connectionCreated', () => (most = Math.max(most, ++open)));
    client.on('connectionClosed', () => open--);
    const c = client.db('test').collection<Any>('pooled');
    await Promise.all(Array.from({ length: 200 }, (_, _id) => c.insertOne({ _id })));
    expect(await c.countDocuments()).toBe(200);
    expect(most).toBeLessThanOrEqual(4);
    await client.close();
  });

  it('has commands stopped by maxTimeMS', async () => {
    const c = running.db.collection<Any>('slow');
    await c.insertMany(Array.from({ length: 3000 }, (_, _id) => ({ _id, n: _id })));
    const nested = [
      { $set: { one: 1 } },
      { $lookup: { from: 'slow', localField: 'one', foreignField: 'none', as: 'more' } },
    ];
    await expect(c.aggregate(nested, { maxTimeMS: 50 }).toArray()).rejects.toMatchObject({
      code: 50,
      codeName: 'MaxTimeMSExpired',
    });
    expect(await c.countDocuments({}, { maxTimeMS: 60_000 })).toBe(3000);
  });

  it('reads in sessions, with concerns, unacknowledged and through a Unix socket', async () => {
    const socketPath = `${newDirectory()}/mongo.sock`;
    const local = await start({ socketPath });
    const client = new MongoClient(local.server.socketUri ?? '');
    const c = client.db('test').collection<Any>('s');
    await client.withSession(async (session) => {
      await c.insertOne({ _id: 1 }, { session, writeConcern: { w: 'majority', journal: true } });
      expect(await c.findOne({}, { session, readConcern: { level: 'majority' } })).toEqual({ _id: 1 });
    });
    await c.insertOne({ _id: 2 }, { writeConcern: { w: 0 } });
    await expect.poll(() => c.countDocuments()).toBe(2);
    const session = client.startSession();
    session.startTransaction();
    await expect(c.insertOne({ _id: 3 }, { session })).rejects.toMatchObject({ code: 115 });
    await session.endSession();
    await client.close();
    await local.stop();
  });

  it('says who holds a directory, and refuses a newer format', async () => {
    const directory = newDirectory();
    const server = await spawnServer(directory, 0);
    await expect(spawnServer(directory, 0)).rejects.toThrow(`in use by process ${server.child.pid}`);
    await server.end('SIGTERM');
    expect(server.child.exitCode).toBe(0);
    const again = await spawnServer(directory, 0);
    await again.end('SIGKILL');
    await (await spawnServer(directory, 0)).end('SIGTERM');
  });
});

describe('a data directory', () => {
  it('that a process of another host holds is refused while that is alive, and taken when it is not', async () => {
    const directory = newDirectory();
    const lock = join(directory, 'lock');
    const beat = setInterval(() => writeFileSync(lock, JSON.stringify({ pid: 1, host: 'elsewhere' })), 300);
    await expect.poll(() => existsSync(lock)).toBe(true);
    await expect(startEmbeddedMongo({ directory })).rejects.toThrow('in use by process 1 on elsewhere');
    clearInterval(beat);
    await (await startEmbeddedMongo({ directory })).close();
    expect(existsSync(lock)).toBe(false);
  });

  it('is given free when the port is taken, and a socket that somebody listens on is left alone', async () => {
    const directory = newDirectory();
    const socketPath = join(newDirectory(), 'mongo.sock');
    const other = await startEmbeddedMongo({ directory: newDirectory(), socketPath });
    const port = Number(new URL(other.uri).port);
    await expect(startEmbeddedMongo({ directory, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(startEmbeddedMongo({ directory, socketPath })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const client = new MongoClient(other.socketUri ?? '');
    expect(await client.db('x').command({ ping: 1 })).toMatchObject({ ok: 1 });
    await client.close();
    await other.close();
    await (await startEmbeddedMongo({ directory, socketPath })).close();
  });
});

describe('clients that do not keep to the protocol', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
  });

  afterAll(async () => {
    await running.stop();
  });

  const header = (length: number, opCode: number): Buffer => {
    const bytes = Buffer.alloc(16);
    [length, 1, 0, opCode].forEach((value, i) => bytes.writeInt32LE(value, i * 4));
    return bytes;
  };
  const message = (...sections: Buffer[]): Buffer => {
    const body = Buffer.concat([Buffer.alloc(4), ...sections]);
    return Buffer.concat([header(16 + body.length, 2013), body]);
  };
  const bad: [string, Buffer][] = [
    ['a negative length', header(-5, 2013)],
    ['a huge length', header(2 ** 31 - 1, 2013)],
    ['a length below the header', header(3, 2013)],
    ['an unknown opcode', Buffer.concat([header(26, 9999), Buffer.alloc(10)])],
    ['a compressed message', Buffer.concat([header(26, 2012), Buffer.alloc(10)])],
    ['no body section', message(Buffer.from([1, 9, 0, 0, 0, 97, 0, 0, 0, 0]))],
    ['an unknown section', message(Buffer.from([7, 5, 0, 0, 0, 0]))],
    ['a section longer than its message', message(Buffer.from([0, 99, 0, 0, 0, 0]))],
    [
      'a required flag that is unknown',
      Buffer.concat([header(26, 2013), Buffer.from([0, 16, 0, 0, 0, 5, 0, 0, 0, 0])]),
    ],
    ['a wrong checksum', Buffer.concat([header(30, 2013), Buffer.from([1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4])])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['an OP_QUERY cut short', Buffer.concat([header(22, 2004), Buffer.from([0, 0, 0, 0, 97, 0])])],
    ['random bytes', Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 73) % 256))],
  ];

  it.each(bad)('%s closes that connection and no other', async (_name, bytes) => {
    const port = Number(new URL(running.server.uri).port);
    const socket = connect(port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await closed;
    expect((await running.db.command({ ping: 1 }))['ok']).toBe(1);
  });

  it('deep documents, broken BSON and documents without a command are answered', async () => {
    const deep = (levels: number): Document => {
      let doc: Document = { leaf: 1 };
      for (let i = 0; i < levels; i++) doc = { d: doc };
      return doc;
    };
    await expect(running.db.collection('deep').insertOne(deep(150))).rejects.toMatchObject({ code: 15 });
    await expect(running.db.collection('deep').insertOne(deep(5000))).rejects.toMatchObject({ code: 15 });
    await running.db.collection('deep').insertOne(deep(90));
    await expect(running.db.collection('deep').findOne(deep(5000))).rejects.toMatchObject({ code: 15 });
    const port = Number(new URL(running.server.uri).port);
    const socket = connect(port, '127.0.0.1');
    const broken = Buffer.from([0, 12, 0, 0, 0, 0x02, 97, 0, 99, 0, 0, 0, 0]);
    socket.write(message(broken));
    expect(await nextReply(socket)).toContain('InvalidBSON');
    socket.write(message(Buffer.from([0, 5, 0, 0, 0, 0])));
    expect(await nextReply(socket)).toContain('CommandNotFound');
    socket.destroy();
  });

  it('field names that JavaScript treats apart are data like others', async () => {
    const c = running.db.collection<Any>('odd');
    const doc: Any = { _id: 1, constructor: 1, toString: { hasOwnProperty: 2 } };
    Object.defineProperty(doc, '__proto__', { value: { polluted: true }, enumerable: true });
    await c.insertOne(doc);
    await c.updateOne({ _id: 1 }, { $set: { 'valueOf.x': 1, '__proto__.y': 2 } });
    const back = await c.findOne({
      constructor: 1,
      '__proto__.polluted': true,
      'toString.hasOwnProperty': 2,
      'valueOf.x': 1,
    } as Document);
    expect(Object.keys(back ?? {}).toSorted()).toEqual(['__proto__', '_id', 'constructor', 'toString', 'valueOf']);
    expect(await c.countDocuments({ hasOwnProperty: { $exists: true } })).toBe(0);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('a client that takes no answers is cut off, and 500 idle ones are borne', async () => {
    const c = running.db.collection<Any>('large');
    await c.insertOne({ _id: 1, text: 'x'.repeat(10 * 1024 * 1024) });
    const port = Number(new URL(running.server.uri).port);
    const lazy = connect(port, '127.0.0.1');
    lazy.pause();
    lazy.on('error', () => undefined);
    const { serialize } = await import('bson');
    const find = message(Buffer.concat([Buffer.from([0]), serialize({ find: 'large', $db: 'test' })]));
    for (let i = 0; i < 31; i++) lazy.write(find);
    const idle = Array.from({ length: 500 }, () => connect(port, '127.0.0.1'));
    await expect
      .poll(
        async () => ((await running.db.command({ serverStatus: 1 }))['connections'] as Document)['current'] as number,
      )
      .toBeGreaterThan(500);
    for (const socket of [lazy, ...idle]) socket.destroy();
    expect(await c.countDocuments()).toBe(1);
  });
});

async function nextReply(socket: Socket): Promise<string> {
  return await new Promise((resolve) => socket.once('data', (data: Buffer) => resolve(data.toString('latin1'))));
}
