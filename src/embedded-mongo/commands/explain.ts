import type { Collection } from '../collection.js';
import { check } from '../errors.js';
import { isDoc, type Doc } from '../values.js';
import { objectField, type Command, type Context } from './command.js';
import { findReading } from './find.js';
import { planFor, read, type Reading } from './read.js';

/** The plan of a reading and what it found, as `explain` shows them. */
export function explainReading(context: Context, collection: Collection | undefined, reading: Reading): Doc {
  const { index, ids } = collection ? planFor(collection, reading) : { index: undefined, ids: () => [] };
  const winningPlan = !collection
    ? { stage: 'EOF' }
    : index === undefined
      ? { stage: 'COLLSCAN', direction: 'forward' }
      : index === '_id'
        ? { stage: 'IDHACK' }
        : {
            stage: 'FETCH',
            inputStage: {
              stage: 'IXSCAN',
              indexName: index.name,
              keyPattern: index.spec['key'],
              isMultiKey: index.multikey,
              isUnique: index.unique,
            },
          };
  const totalDocsExamined = [...ids()].length;
  return {
    explainVersion: '1',
    queryPlanner: {
      namespace: collection?.namespace ?? context.db,
      parsedQuery: reading.filter,
      winningPlan,
      rejectedPlans: [],
    },
    executionStats: { executionSuccess: true, nReturned: read(context, collection, reading).length, totalDocsExamined },
    ok: 1,
  };
}

export const explain: Command = {
  fields: ['verbosity'],
  run: (context, command) => {
    const inner = objectField(command, 'explain');
    const [name = '', target] = Object.entries(inner)[0] ?? [];
    const pipeline: unknown = inner['pipeline'];
    const first: unknown = Array.isArray(pipeline) ? pipeline[0] : undefined;
    const filters: Record<string, Doc> = {
      find: inner,
      count: { ...inner, filter: inner['query'] },
      distinct: { ...inner, filter: inner['query'] },
      findAndModify: { ...inner, filter: inner['query'] },
      aggregate: { filter: isDoc(first) ? (first['$match'] ?? {}) : {}, hint: inner['hint'] },
    };
    const asFind = Object.hasOwn(filters, name) ? filters[name] : undefined;
    check(asFind && typeof target === 'string', 'CommandNotSupported', `explain of ${name} is not supported`);
    const { limit: _limit, skip: _skip, ...reading } = findReading(context, asFind);
    return explainReading(context, context.database.find(context.db, target), reading);
  },
};
