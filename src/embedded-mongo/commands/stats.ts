import type { Collection } from '../collection.js';
import type { Doc } from '../values.js';
import { collectionName, collectionOf, type Command } from './command.js';

function sums(collections: Collection[]): Doc {
  const sum = (of: (collection: Collection) => number): number =>
    collections.reduce((total, one) => total + of(one), 0);
  const [objects, size] = [sum(({ docs }) => docs.size), sum(({ bytes }) => bytes)];
  return {
    objects,
    size,
    avgObjSize: objects === 0 ? 0 : size / objects,
    indexes: sum((one) => one.indexes.length + 1),
  };
}

const collStats: Command = {
  fields: ['scale'],
  run: (context, command) => {
    const collection = collectionOf(context, command);
    const { objects: count, size, avgObjSize, indexes: nindexes } = sums(collection ? [collection] : []);
    const indexSizes = Object.fromEntries(collection?.indexes.map(({ name, keys }) => [name, keys.size]) ?? []);
    const ns = `${context.db}.${collectionName(command)}`;
    return { ns, count, size, avgObjSize, storageSize: size, nindexes, indexSizes, capped: false, ok: 1 };
  },
};

const dbStats: Command = {
  fields: ['scale', 'freeStorage'],
  run: ({ db, database: { journal, store } }) => {
    const collections = store.collectionsOf(db);
    const { size: dataSize, ...rest } = sums(collections);
    const storageSize = journal.fileBytes;
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
