import { read } from './commands/read.js';
import type { Cursors } from './cursors.js';
import type { Database } from './database.js';
import { expireRetries } from './retryable-writes.js';
import type { Store } from './store.js';

const PERIOD_MS = 1_000;
/** So many documents expire in one batch, so that commands do not wait for long. */
const TTL_BATCH = 1_000;
/** Indexes are made for so long, in milliseconds, with such pauses: commands do not wait for longer. */
const MAKING = { slice: 5, pause: 20 };
/** Documents between two looks at the clock. */
const AT_A_TIME = 50;

/** Starts what happens by time: TTL indexes, idle cursors, old retry records and events, indexes that are not made yet. Answers how to stop it. */
export function keepHouse(database: Database, cursors: Cursors): () => void {
  let making: NodeJS.Timeout | undefined;
  const make = () => {
    making = makeIndexes(database.store) ? undefined : setTimeout(make, MAKING.pause).unref();
  };
  const timer = setInterval(() => {
    cursors.expire();
    expireRetries(database.store);
    if (making === undefined) make();
    database.journal.submit({ run: () => expireDocuments(database), reply: () => undefined });
  }, PERIOD_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    clearTimeout(making);
  };
}

/** Goes on with those that nobody has asked for yet. Answers whether all are complete. */
function makeIndexes(store: Store): boolean {
  const end = performance.now() + MAKING.slice;
  for (const { indexes } of store.collections.values()) {
    for (const index of indexes) {
      while (!index.complete) {
        if (performance.now() >= end) return false;
        index.make(AT_A_TIME);
      }
    }
  }
  return true;
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
