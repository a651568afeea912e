import { BSONRegExp } from 'bson';
import type { Collection } from './collection.js';
import type { Index } from './index-keys.js';
import { compileFilter, conditions } from './matcher.js';
import { orderKey, typeClass } from './order.js';
import { setAt } from './paths.js';
import { isDoc, typeName, type Doc } from './values.js';

/** How documents are looked for: by `_id`, by ranges of an index, or one by one. */
export interface Plan {
  index: Index | '_id' | undefined;
  ids(): Iterable<string>;
}

/** What a filter demands of one field: one of some values, or a range of order keys. */
interface Demand {
  values?: unknown[];
  from?: string;
  to?: string;
}

const MAX_POINTS = 1_000;
const END = '\uffff';

/** Chooses where to look; the filter is always checked again on what is found. */
export function plan(collection: Collection, filter: Doc): Plan {
  const demands = new Map<string, Demand>();
  for (const [field, operator, operand] of conditions(filter)) {
    const demand = demands.get(field) ?? {};
    narrow(demand, operator, operand);
    demands.set(field, demand);
  }
  const byId = demands.get('_id')?.values;
  if (byId) return { index: '_id', ids: () => new Set(byId.map(orderKey)) };
  let best: { index: Index; ranges: [string, string][]; score: number } | undefined;
  for (const index of collection.indexes) {
    const candidate = bounds(index, demands);
    if (candidate && candidate.score > (best?.score ?? 0)) best = { index, ...candidate };
  }
  if (!best) return anyOf(collection, filter) ?? { index: undefined, ids: () => collection.docs.keys() };
  const { index, ranges } = best;
  return { index, ids: () => idsIn(index, ranges) };
}

/** By the indexes of all branches of an `$or`, where each has one. */
function anyOf(collection: Collection, { $or: branches }: Doc): Plan | undefined {
  if (!Array.isArray(branches)) return undefined;
  const plans = branches.filter(isDoc).map((branch) => plan(collection, branch));
  const [first] = plans;
  if (plans.length !== branches.length || first === undefined) return undefined;
  if (plans.some(({ index }) => index === undefined)) return undefined;
  return { index: first.index, ids: () => new Set(plans.flatMap(({ ids }) => [...ids()])) };
}

function* idsIn(index: Index, ranges: [string, string][]): Generator<string> {
  const seen = index.multikey || ranges.length > 1 ? new Set<string>() : undefined;
  for (const [from, to] of ranges) {
    for (const id of index.keys.range(from, to)) {
      if (seen?.has(id)) continue;
      seen?.add(id);
      yield id;
    }
  }
}

function bounds(index: Index, demands: Map<string, Demand>): { ranges: [string, string][]; score: number } | undefined {
  if (!usable(index, demands)) return undefined;
  let prefixes = [''];
  let score = 0;
  for (const field of index.fields) {
    const demand = demands.get(field.name);
    if (!demand) break;
    if (demand.values && prefixes.length * demand.values.length <= MAX_POINTS) {
      const keys = demand.values.map(orderKey);
      prefixes = prefixes.flatMap((prefix) => keys.map((key) => prefix + key));
      score += 2;
      // Two fields of one array may match in different elements, which one key of the index does not show.
      if (index.multikey) break;
      continue;
    }
    if (demand.from === undefined && demand.to === undefined) break;
    const { from = '', to = END } = index.multikey && demand.from !== undefined ? { from: demand.from } : demand;
    return { ranges: prefixes.map((prefix) => [prefix + from, prefix + to]), score: score + 1 };
  }
  return score === 0 ? undefined : { ranges: prefixes.map((prefix) => [prefix, prefix + END]), score };
}

/** Whether every document the filter can match is in the index. */
function usable(index: Index, demands: Map<string, Demand>): boolean {
  if (index.sparse) {
    const used = demands.get(index.fields[0]?.name ?? '');
    if (!used || used.values?.some((value) => value === null)) return false;
  }
  const partial = index.spec['partialFilterExpression'];
  if (!isDoc(partial)) return true;
  return Object.keys(partial).every((field) => {
    const values = field.startsWith('$') ? undefined : demands.get(field)?.values;
    const implied = compileFilter({ [field]: partial[field] }, {});
    return values?.every((value) => implied(setAt({}, field.split('.'), value))) === true;
  });
}

function narrow(demand: Demand, name: string, operand: unknown): void {
  if (name === '$in') {
    if (Array.isArray(operand) && operand.every(isPoint)) demand.values ??= operand;
    return;
  }
  if (!isPoint(operand)) return;
  if (name === '$eq' || (operand === null && (name === '$gte' || name === '$lte'))) demand.values = [operand];
  else if (operand === null || ['minKey', 'maxKey'].includes(typeName(operand))) return;
  else if (name === '$gt' || name === '$gte') {
    demand.from = orderKey(operand);
    demand.to ??= String.fromCharCode(typeClass(operand).charCodeAt(0) + 1);
  } else if (name === '$lt' || name === '$lte') {
    demand.from ??= typeClass(operand);
    demand.to = orderKey(operand) + (name === '$lte' ? END : '');
  }
}

/** Whether an equal value is found in an index under one key: arrays and patterns are not. */
function isPoint(value: unknown): boolean {
  return !Array.isArray(value) && !(value instanceof BSONRegExp);
}
