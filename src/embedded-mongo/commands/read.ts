import type { Collection } from '../collection.js';
import type { Variables } from '../expression.js';
import { compileFilter, fieldsOf } from '../matcher.js';
import { plan } from '../planner.js';
import { compileSort } from '../sort.js';
import type { Stored } from '../stored.js';
import type { Doc } from '../values.js';

/** What to read of a collection. */
export interface Reading {
  filter: Doc;
  sort?: Doc | undefined;
  skip?: number;
  /** At most so many; all when undefined. */
  limit?: number | undefined;
}

interface Bounds {
  variables: Variables;
  tick(): void;
}

/** The documents that pass a filter, sorted and cut. */
export function read({ variables, tick }: Bounds, collection: Collection | undefined, reading: Reading): Stored[] {
  const { filter, sort = {}, skip = 0, limit = Infinity } = reading;
  const matches = compileFilter(filter, variables);
  const order = Object.keys(sort).length > 0 ? compileSort(sort) : undefined;
  if (!collection) return [];
  const enough = order ? Infinity : skip + limit;
  const fields = fieldsOf({ ...sort, $and: [filter] });
  const found: { stored: Stored; doc: Doc }[] = [];
  let looked = 0;
  for (const id of plan(collection, filter).ids()) {
    if (found.length >= enough) break;
    if (looked++ % 256 === 0) tick();
    const stored = collection.docs.get(id);
    // Whoever wants one document will want all of it.
    const doc = limit === 1 ? stored?.doc : stored?.pick(fields);
    if (stored && doc && matches(doc)) found.push({ stored, doc });
  }
  const sorted = order ? order(found, ({ doc }) => doc) : found;
  return sorted.slice(skip, skip + limit).map(({ stored }) => stored);
}
