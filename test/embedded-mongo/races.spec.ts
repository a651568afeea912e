import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MongoClient } from 'mongodb';
import { size } from '../support/layer.js';
import { newDirectory, type Any } from './kit.js';
import { spawnServer, type ServerProcess } from './process.js';

const CLIENT = join(import.meta.dirname, 'race-client.js');

interface Outcome {
  won: number[];
  claims: number[];
  counted: number;
  watched: string[];
}

interface RaceClient {
  child: ChildProcess;
  lines: AsyncIterator<string>;
}

function client(uri: string, name: string): RaceClient {
  const child = spawn(process.execPath, [CLIENT, uri, name], { stdio: ['pipe', 'pipe', 'inherit'] });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

describe('two client processes and one server', () => {
  let server: ServerProcess;
  let mongo: MongoClient;

  beforeAll(async () => {
    server = await spawnServer(newDirectory(), 0);
    mongo = new MongoClient(server.uri);
  });

  afterAll(async () => {
    await mongo.close();
    await server.end('SIGTERM');
  });

  it(
    'one winner for a key, no lost count, no job twice, every event once and in one order',
    { tags: ['sized'] },
    async () => {
      const db = mongo.db('race');
      const clients = ['one', 'two'].map((name) => client(server.uri, name));
      for (let round = 0; round < size(6, 40); round++) {
        await db.collection<Any>(`unique-${round}`).createIndex({ key: 1 }, { unique: true });
        await db
          .collection<Any>(`jobs-${round}`)
          .insertMany(Array.from({ length: 50 }, (_, _id) => ({ _id, state: 'free' })));
        for (const { child } of clients) child.stdin?.write(`${round}\n`);
        for (const { lines } of clients) expect((await lines.next()).value).toBe('ready');
        for (const { child } of clients) child.stdin?.write('go\n');
        const outcomes = await Promise.all(
          clients.map(async ({ lines }) => JSON.parse(String((await lines.next()).value)) as Outcome),
        );
        const [one, two] = outcomes as [Outcome, Outcome];

        const keys = Array.from({ length: 40 }, (_, i) => i);
        expect([...one.won, ...two.won].toSorted((a, b) => a - b)).toEqual(keys);
        const counter = await db.collection<Any>(`counters-${round}`).findOne({ _id: 'n' });
        expect(counter?.['n']).toBe(one.counted + two.counted);
        const claims = [...one.claims, ...two.claims];
        expect(claims.length).toBe(50);
        expect(new Set(claims).size).toBe(50);
        const taken = await db.collection<Any>(`jobs-${round}`).find({ by: 'one' }).toArray();
        expect(taken.map(({ _id }) => _id).toSorted()).toEqual(one.claims.toSorted());
        expect(new Set(one.watched).size).toBe(80);
        expect(one.watched).toEqual(two.watched);
      }
      for (const { child } of clients) {
        child.stdin?.end();
        if (child.exitCode === null) await once(child, 'exit');
        expect(child.exitCode).toBe(0);
      }
    },
  );
});
