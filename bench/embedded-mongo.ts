/**
 * Throughput of the embedded database in a process of its own, through the official driver, beside bare fdatasyncs of
 * the same file system; what is done one at a time also without the driver, whose own time is the larger part of it.
 * Each figure is the median of several rounds, as other work on the machine moves them all.
 * Run: npm run bench:embedded-mongo [-- --rounds 5 --seconds 2 --directory DIR --json FILE]
 */
import { spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { MongoClient, type Collection } from 'mongodb';
import type { Row } from './kit/scenario.js';
import { median } from './kit/statistics.js';
import { table } from './kit/table.js';
import { WireClient } from './kit/wire-client.js';

const { values: given } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    directory: { type: 'string', default: tmpdir() },
    json: { type: 'string', default: join(import.meta.dirname, '../../bench-results/embedded-mongo.json') },
  },
});
const ROUNDS = Number(given.rounds);
const SECONDS = Number(given.seconds);
/** What is done one at a time is measured in turns of so many, so that a busy moment meets the bare sync as well. */
const TURNS = 10;
const IN_TURN = 50;
const directory = mkdtempSync(join(given.directory, 'embedded-mongo-bench-'));

type Task = (i: number) => unknown;

interface Figure {
  what: string;
  perSecond: number;
  microseconds: number;
}

/** The median duration of each of several tasks, in microseconds. */
async function oneInFlight(tasks: Record<string, Task>, start: number): Promise<Figure[]> {
  const taken = new Map<string, number[]>(Object.keys(tasks).map((what) => [what, []]));
  let next = start;
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [what, task] of Object.entries(tasks)) {
      for (let i = 0; i < IN_TURN; i++) {
        const started = performance.now();
        await task(next++);
        taken.get(what)?.push((performance.now() - started) * 1000);
      }
    }
  }
  return [...taken].map(([what, durations]) => {
    const microseconds = median(durations);
    return { what: `${what}, 1 in flight`, perSecond: 1e6 / microseconds, microseconds };
  });
}

async function inFlight(what: string, count: number, task: Task, start: number): Promise<Figure> {
  let done = 0;
  let next = start;
  const started = performance.now();
  const until = started + SECONDS * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      await task(next++);
      done++;
    }
  };
  await Promise.all(Array.from({ length: count }, worker));
  const elapsed = performance.now() - started;
  const perSecond = (done * 1000) / elapsed;
  return { what: `${what}, ${count} in flight`, perSecond, microseconds: (elapsed * 1000 * count) / done };
}

async function startServer(): Promise<{ uri: string; stop: () => void }> {
  const main = join(import.meta.dirname, '../src/embedded-mongo/main.js');
  const child = spawn(process.execPath, [main, '--data', join(directory, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const uri = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(String(data).trim())),
  );
  return { uri, stop: () => child.kill('SIGTERM') };
}

interface Item {
  _id: string;
  key: string;
  state: string;
  at: Date;
  n: number;
}

async function prepare(items: Collection<Item>): Promise<void> {
  await items.createIndexes([{ key: { key: 1 }, unique: true }, { key: { state: 1, at: 1 } }]);
  const item = (i: number): Item => ({ _id: `f${i}`, key: `key-${i}`, state: 'ACTIVE', at: new Date(), n: 0 });
  await items.insertMany(Array.from({ length: 1000 }, (_, i) => item(i)));
}

const server = await startServer();
const client = await new MongoClient(server.uri, { maxPoolSize: 32 }).connect();
const items = client.db('bench').collection<Item>('items');
await prepare(items);

const bare = openSync(join(directory, 'bare'), 'w');
const record = Buffer.alloc(300, 1);
const sync: Task = () => {
  writeSync(bare, record);
  fdatasyncSync(bare);
};
const host = new URL(server.uri);
const wire = await WireClient.connect({ host: host.hostname, port: Number(host.port) });
const ping: Task = () => client.db('bench').command({ ping: 1 });
const insert: Task = (i) =>
  items.insertOne({ _id: `i${i}`, key: `insert-${i}`, state: 'ACTIVE', at: new Date(), n: i });
const send: Task = (i) =>
  wire.command({
    insert: 'items',
    $db: 'bench',
    documents: [{ _id: `w${i}`, key: `wire-${i}`, state: 'ACTIVE', at: new Date(), n: i }],
  });
const modify: Task = (i) =>
  items.findOneAndUpdate({ key: `key-${i % 1000}` }, { $inc: { n: 1 }, $set: { at: new Date() } });
const find: Task = (i) => items.findOne({ key: `key-${i % 1000}` });

await inFlight('warm-up', 32, insert, 1e9);
await inFlight('warm-up', 32, modify, 0);
const load = [loadavg()[0]];
const rounds: Figure[][] = [];
for (let round = 0; round < ROUNDS; round++) {
  const start = (round + 1) * 1e7;
  rounds.push([
    ...(await oneInFlight(
      { 'bare write + fdatasync': sync, 'insert without the driver': send, ping, insertOne: insert },
      start,
    )),
    await inFlight('insertOne', 32, insert, start + 1e6),
    await inFlight('findOneAndUpdate by unique key', 32, modify, 0),
    await inFlight('findOne by unique key', 32, find, 0),
  ]);
  load.push(loadavg()[0]);
}
await client.close();
wire.close();
closeSync(bare);
server.stop();
rmSync(directory, { recursive: true, force: true });

const medians = (rounds[0] ?? []).map(({ what }, i): Figure => {
  const of = (field: 'perSecond' | 'microseconds'): number =>
    median(rounds.map((figures) => figures[i]?.[field] ?? NaN));
  return { what, perSecond: of('perSecond'), microseconds: of('microseconds') };
});
const atMost = 2 * (medians[0]?.microseconds ?? NaN);
const goals: Record<string, [string, (figure: Figure) => boolean]> = {
  'insert without the driver, 1 in flight': [`≤ ${atMost.toFixed(0)} µs`, ({ microseconds }) => microseconds <= atMost],
  'insertOne, 32 in flight': ['≥ 3000/s', ({ perSecond }) => perSecond >= 3000],
  'findOneAndUpdate by unique key, 32 in flight': ['≥ 1500/s', ({ perSecond }) => perSecond >= 1500],
};
const rows = medians.map((figure): Row => {
  const { what, perSecond, microseconds } = figure;
  const [goal = '', reached] = goals[what] ?? [];
  return {
    scenario: 'embedded-mongo',
    what,
    figure: `${perSecond.toFixed(0)}/s`,
    details: `${microseconds.toFixed(0)} µs each`,
    goal,
    ...(reached && { met: reached(figure) }),
    data: { perSecond, microseconds },
  };
});
const machine = { node: process.version, processors: availableParallelism(), load };
process.stdout.write(
  `${table(rows)}\nmedian of ${ROUNDS} rounds; load ${load.map((one) => one?.toFixed(1)).join(', ')}\n`,
);
mkdirSync(dirname(given.json), { recursive: true });
writeFileSync(given.json, JSON.stringify({ machine, measured: new Date().toISOString(), rows, rounds }, null, 2));
