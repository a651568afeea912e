import { read } from './commands/read.js';
import type { Cursors } from './cursors.js';
import type { Database } from './database.js';
import { expireRetries } from './retryable-writes.js';

const PERIOD_MS = 1_000;
/** So many documents expire in one batch, so that commands do not wait for long. */
const TTL_BATCH = 1_000;

/** Starts what happens by time: TTL indexes, idle cursors, old retry records and events, indexes that are not complete yet. Answers how to stop it. */
export function keepHouse(database: Database, cursors: Cursors): () => void {
  const timer = setInterval(() => {
    cursors.expire();
    expireRetries(database.store);
    database.journal.indexes.tend();
    database.journal.submit({ run: () => expireDocuments(database), reply: () => undefined });
  }, PERIOD_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function expireDocuments(database: Database): Record<string, unknown> {
  const now = Date.now();
  for (const collection of database.store.collections.values()) {
    for (const index of collection.indexes) {
      const field = index.fields[0]?.name;
      if (index.expireAfterSeconds === undefined || field === undefined || !index.complete) continue;
      const filter = {
        [field]: { $lt: new Date(now - index.expireAfterSeconds * 1000) },
        ...(index.spec['partialFilterExpression'] ?? {}),
      };
      const bounds = { variables: {}, tick: () => undefined };
      for (const stored of read(bounds, collection, { filter, limit: TTL_BATCH })) database.delete(collection, stored);
    }
  }
  return {};
}
