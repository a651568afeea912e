import { check } from '../errors.js';
import { plan } from '../planner.js';
import type { Doc } from '../values.js';
import { leading } from './aggregate.js';
import { arrayField, collectionOf, objectField, type Command } from './command.js';
import { read } from './read.js';

const FILTERS: Record<string, (command: Doc) => Doc> = {
  find: (command) => objectField(command, 'filter'),
  count: (command) => objectField(command, 'query'),
  distinct: (command) => objectField(command, 'query'),
  aggregate: (command) => leading(arrayField(command, 'pipeline')).reading.filter,
};

/** The index that a reading goes by, and what it finds there. */
export const explain: Command = {
  fields: ['verbosity'],
  run: (context, command) => {
    const inner = objectField(command, 'explain');
    const name = Object.keys(inner)[0] ?? '';
    const filterOf = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
    check(filterOf, 'CommandNotSupported', `explain of ${name} is not supported`);
    const filter = filterOf(inner);
    const collection = collectionOf(context, inner);
    const nReturned = read(context, collection, { filter }).length;
    const { index, ids } = collection ? plan(collection, filter) : { index: undefined, ids: () => [] };
    const found = typeof index === 'object' && {
      ...{ stage: 'IXSCAN', indexName: index.name, keyPattern: index.spec['key'] },
      ...{ isMultiKey: index.multikey, isUnique: index.unique },
    };
    const scan = { stage: index === undefined ? 'COLLSCAN' : 'IDHACK' };
    const winningPlan = found ? { stage: 'FETCH', inputStage: found } : collection ? scan : { stage: 'EOF' };
    return {
      explainVersion: '1',
      queryPlanner: { namespace: `${context.db}.${String(inner[name])}`, parsedQuery: filter, winningPlan },
      executionStats: { executionSuccess: true, nReturned, totalDocsExamined: [...ids()].length },
      ok: 1,
    };
  },
};
