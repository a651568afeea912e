import type { Collection } from '../collection.js';
import { wholeArgument } from '../numbers.js';
import type { Doc } from '../values.js';
import { collectionName, collectionOf, type Command } from './command.js';

/** Counts, and bytes in the unit that the command wants. */
function sums(collections: Collection[], command: Doc) {
  const scale = wholeArgument(command['scale'] ?? 1, 'scale', 1);
  const scaled = (bytes: number): number => Math.trunc(bytes / scale);
  const sum = (of: (collection: Collection) => number): number =>
    collections.reduce((total, one) => total + of(one), 0);
  const [objects, bytes] = [sum(({ docs }) => docs.size), sum((one) => one.bytes)];
  const avgObjSize = objects === 0 ? 0 : bytes / objects;
  return { objects, size: scaled(bytes), scaled, avgObjSize, indexes: sum((one) => one.indexes.length + 1) };
}

const collStats: Command = {
  fields: ['scale'],
  run: (context, command) => {
    const collection = collectionOf(context, command);
    const { objects: count, size, avgObjSize, indexes: nindexes } = sums(collection ? [collection] : [], command);
    const indexSizes = Object.fromEntries(collection?.indexes.map(({ name, keys }) => [name, keys.size]) ?? []);
    const ns = `${context.db}.${collectionName(command)}`;
    return { ns, count, size, avgObjSize, storageSize: size, nindexes, indexSizes, capped: false, ok: 1 };
  },
};

const dbStats: Command = {
  fields: ['scale', 'freeStorage'],
  run: ({ db, database: { journal, store } }, command) => {
    const collections = store.collectionsOf(db);
    const { size: dataSize, scaled, ...rest } = sums(collections, command);
    const storageSize = scaled(journal.fileBytes);
    return { db, collections: collections.length, views: 0, ...rest, dataSize, storageSize, ok: 1 };
  },
};

const serverStatus: Command = {
  fields: ['repl', 'metrics', 'locks'],
  run: ({ server, database: { journal, store }, cursors }) => ({
    host: server.address,
    version: '7.0.0',
    process: 'berth-embedded-mongo',
    pid: process.pid,
    uptime: (Date.now() - server.startedAt) / 1000,
    localTime: new Date(),
    connections: { current: server.connections() },
    opcounters: { ...server.counters },
    mem: { resident: Math.round(process.memoryUsage.rss() / 1024 / 1024) },
    metrics: { cursor: { open: { total: cursors.size } } },
    embedded: {
      ...journal.counters,
      fileBytes: journal.fileBytes,
      dataBytes: store.bytes,
      historyEvents: store.history.size,
      retryRecords: store.retries.size,
    },
    ok: 1,
  }),
};

/** Commands that only tell. */
export const stats: Record<string, Command> = { collStats, dbStats, serverStatus };
