import type { Collection } from '../collection.js';
import { check, shown } from '../errors.js';
import type { Variables } from '../expression.js';
import { compileFilter, fieldsOf } from '../matcher.js';
import { plan, type Plan } from '../planner.js';
import { compileSort } from '../sort.js';
import type { Stored } from '../stored.js';
import type { Doc } from '../values.js';
import type { Context } from './command.js';

/** What to read of a collection. */
export interface Reading {
  filter: Doc;
  variables: Variables;
  sort?: Doc | undefined;
  skip?: number;
  /** At most so many; all when undefined. */
  limit?: number | undefined;
  hint?: unknown;
}

/** The documents that pass a filter, sorted and cut. */
export function read(context: Pick<Context, 'tick'>, collection: Collection | undefined, reading: Reading): Stored[] {
  const { filter, sort = {}, skip = 0, limit = Infinity } = reading;
  const matches = compileFilter(filter, reading.variables);
  const order = Object.keys(sort).length > 0 ? compileSort(sort) : undefined;
  if (!collection) return [];
  const enough = order ? Infinity : skip + limit;
  const fields = fieldsOf({ ...sort, $and: [filter] });
  const found: { stored: Stored; doc: Doc }[] = [];
  let looked = 0;
  for (const id of planFor(collection, reading).ids()) {
    if (found.length >= enough) break;
    if (looked++ % 256 === 0) context.tick();
    const stored = collection.docs.get(id);
    // Whoever wants one document will want all of it.
    const doc = limit === 1 ? stored?.doc : stored?.pick(fields);
    if (stored && doc && matches(doc)) found.push({ stored, doc });
  }
  const sorted = order ? order(found, ({ doc }) => doc) : found;
  return sorted.slice(skip, skip + limit).map(({ stored }) => stored);
}

/** The plan of a reading. @throws BadValue for a hint at an index that does not exist */
export function planFor(collection: Collection, { filter, hint }: Reading): Plan {
  return plan(collection, filter, hint === undefined ? undefined : hinted(collection, hint));
}

function hinted(collection: Collection, hint: unknown): string {
  const pattern = typeof hint === 'string' ? undefined : shown(hint);
  if (pattern?.startsWith('{"$natural"')) return '$natural';
  const spec = collection
    .indexSpecs()
    .find((candidate) => candidate['name'] === hint || shown(candidate['key']) === pattern);
  check(
    spec,
    'BadValue',
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
  return String(spec['name']);
}
