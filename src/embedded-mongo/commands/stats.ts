import type { Collection } from '../collection.js';
import type { Doc } from '../values.js';
import { collectionName, collectionOf, type Command } from './command.js';

function sums(collections: Collection[]): { objects: number; dataSize: number; indexes: number; entries: number } {
  const sum = (of: (collection: Collection) => number): number =>
    collections.reduce((total, one) => total + of(one), 0);
  return {
    objects: sum(({ docs }) => docs.size),
    dataSize: sum(({ bytes }) => bytes),
    indexes: sum(({ indexes }) => indexes.length + 1),
    entries: sum(({ indexes }) => indexes.reduce((total, { keys }) => total + keys.size, 0)),
  };
}

const collStats: Command = {
  fields: ['scale'],
  run: (context, command) => {
    const collection = collectionOf(context, command);
    const { objects: count, dataSize: size, indexes: nindexes } = sums(collection ? [collection] : []);
    const avgObjSize = count === 0 ? 0 : Math.round(size / count);
    const indexSizes = Object.fromEntries(collection?.indexes.map(({ name, keys }) => [name, keys.size]) ?? []);
    const ns = `${context.db}.${collectionName(command)}`;
    return {
      ns,
      count,
      size,
      avgObjSize,
      storageSize: size,
      nindexes,
      indexSizes,
      totalSize: size,
      capped: false,
      ok: 1,
    };
  },
};

const dbStats: Command = {
  fields: ['scale', 'freeStorage'],
  run: (context) => {
    const collections = context.database.store.collectionsOf(context.db);
    const { objects, dataSize, indexes } = sums(collections);
    const fsUsedSize = context.database.journal.fileBytes;
    return {
      db: context.db,
      collections: collections.length,
      views: 0,
      objects,
      avgObjSize: objects === 0 ? 0 : dataSize / objects,
      dataSize,
      storageSize: fsUsedSize,
      indexes,
      ok: 1,
    };
  },
};

const serverStatus: Command = {
  fields: ['repl', 'metrics', 'locks'],
  run: ({ server, database: { journal, store }, cursors }): Doc => ({
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
export const stats: Record<string, Command> = {
  collStats,
  collstats: collStats,
  dbStats,
  dbstats: dbStats,
  serverStatus,
};
