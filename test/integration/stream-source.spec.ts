import { MongoClient } from 'mongodb';
import { expect, it } from 'vitest';
import type { Change } from '../../src/change-feed/change.js';
import { StreamSource } from '../../src/change-feed/stream-source.js';
import { type Any, start } from '../embedded-mongo/kit.js';
import { eventually } from '../support/eventually.js';
import { TcpProxy } from '../support/tcp-proxy.js';

it('says that changes may have been missed once it is told of all that follow', async () => {
  const running = await start({ historyBytes: 20_000 });
  await using proxy = await TcpProxy.open(Number(new URL(running.server.uri).port));
  const behind = await MongoClient.connect(`mongodb://127.0.0.1:${proxy.port}/?directConnection=true`);
  const source = new StreamSource(behind.db('test'));
  const changes: Change[] = [];
  const onChange = (_: string, change: Change) => void changes.push(change);
  const c = running.db.collection<Any>('c');
  let gaps = 0;
  // What it asks the database for from then on comes after the next change.
  const onGap = () => {
    gaps++;
    proxy.slow(500);
  };
  try {
    await source.open(['c'], onChange, onGap);
    await c.insertOne({ _id: 'before' });
    await eventually(() => expect(changes).toMatchObject([{ id: 'before' }]));

    proxy.refuse();
    await c.insertMany(Array.from({ length: 500 }, (_, i) => ({ _id: `missed ${i}` })));
    proxy.heal();
    await eventually(() => expect(gaps).toBe(1));
    await c.insertOne({ _id: 'after' });

    await eventually(() => expect(changes.at(-1)).toMatchObject({ id: 'after' }));
    expect(changes).toHaveLength(2);
    expect(gaps).toBe(1);
  } finally {
    await source.close();
    await behind.close();
    await running.stop();
  }
});
