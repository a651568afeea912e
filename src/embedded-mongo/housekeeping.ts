import { read } from './commands/read.js';
import type { Cursors } from './cursors.js';
import type { Database } from './database.js';
import { expireRetries } from './retryable-writes.js';

const PERIOD_MS = 1_000;
/** So many documents expire in one batch, so that commands do not wait for long. */
const TTL_BATCH = 1_000;

/** Starts what happens by time: TTL indexes, idle cursors, old retry records and events. Answers how to stop it. */
export function keepHouse(database: Database, cursors: Cursors): () => void {
  const timer = setInterval(() => {
    cursors.expire();
    expireRetries(database.store);
    database.journal.submit({ run: () => expireDocuments(database), reply: () => undefined });
    settleOne(database);
  }, PERIOD_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Puts one index in order that nobody has looked through since the start; one at a time, as it takes a while. */
function settleOne({ store }: Database): void {
  const indexes = [...store.collections.values()].flatMap((collection) => collection.indexes);
  indexes.find(({ keys }) => keys.unsettled)?.keys.settle();
}

function expireDocuments(database: Database): Record<string, unknown> {
  const now = Date.now();
  for (const collection of database.store.collections.values()) {
    for (const index of collection.indexes) {
      const field = index.fields[0]?.name;
      if (index.expireAfterSeconds === undefined || field === undefined) continue;
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
