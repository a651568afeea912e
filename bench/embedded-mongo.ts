/**
 * Throughput of the embedded database in a process of its own, against one bare fdatasync of the same file system.
 * Run: npm run bench:embedded-mongo
 */
import { spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type Collection } from 'mongodb';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4);
const directory = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'embedded-mongo-bench-'));

interface Row {
  what: string;
  perSecond: number;
  microseconds: number;
  goal: string;
}

/** A write of a small record and a sync, one after the other. */
function bareSync(): Row {
  const fd = openSync(join(directory, 'bare'), 'w');
  const record = Buffer.alloc(300, 1);
  const rounds = 1000;
  const started = performance.now();
  for (let i = 0; i < rounds; i++) {
    writeSync(fd, record);
    fdatasyncSync(fd);
  }
  const microseconds = ((performance.now() - started) * 1000) / rounds;
  closeSync(fd);
  return { what: 'bare write + fdatasync', perSecond: 1e6 / microseconds, microseconds, goal: '' };
}

async function measure(
  what: string,
  inFlight: number,
  goal: string,
  run: (i: number) => Promise<unknown>,
): Promise<Row> {
  let count = 0;
  let next = 0;
  const until = performance.now() + SECONDS * 1000;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      await run(next++);
      count++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const elapsed = performance.now() - started;
  return { what, perSecond: (count * 1000) / elapsed, microseconds: (elapsed * 1000 * inFlight) / count, goal };
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

async function fill(items: Collection<Item>): Promise<void> {
  await items.createIndexes([{ key: { key: 1 }, unique: true }, { key: { state: 1, at: 1 } }]);
  const docs = Array.from({ length: 1000 }, (_, i) => ({
    _id: `f${i}`,
    key: `key-${i}`,
    state: 'ACTIVE',
    at: new Date(),
    n: 0,
  }));
  await items.insertMany(docs);
}

const server = await startServer();
const client = await new MongoClient(server.uri, { maxPoolSize: 32 }).connect();
const items = client.db('bench').collection<Item>('items');
await fill(items);
const insertOne = (tag: string) => (i: number) =>
  items.insertOne({ _id: `${tag}${i}`, key: `${tag}-${i}`, state: 'ACTIVE', at: new Date(), n: i });
const modify = (i: number) =>
  items.findOneAndUpdate({ key: `key-${i % 1000}` }, { $inc: { n: 1 }, $set: { at: new Date() } });

await measure('warm-up', 32, '', insertOne('w'));
const bare = bareSync();
const rows = [
  bare,
  await measure('ping, 1 in flight', 1, '', () => client.db('bench').command({ ping: 1 })),
  await measure('insertOne, 1 in flight', 1, `≤ ${(bare.microseconds * 2).toFixed(0)} µs`, insertOne('one')),
  await measure('insertOne, 32 in flight', 32, '≥ 3000/s', insertOne('many')),
  await measure('findOneAndUpdate by unique key, 32 in flight', 32, '≥ 1500/s', modify),
  await measure('findOne by unique key, 32 in flight', 32, '', (i) => items.findOne({ key: `key-${i % 1000}` })),
];
for (const { what, perSecond, microseconds, goal } of rows) {
  const figures = `${perSecond.toFixed(0).padStart(8)}/s ${microseconds.toFixed(0).padStart(8)} µs`;
  process.stdout.write(`${what.padEnd(46)}${figures}   ${goal}\n`);
}
await client.close();
server.stop();
rmSync(directory, { recursive: true, force: true });
