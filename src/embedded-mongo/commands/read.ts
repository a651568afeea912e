import type { Collection, Found } from '../collection.js';
import { check, shown } from '../errors.js';
import type { Variables } from '../expression.js';
import { compileFilter } from '../matcher.js';
import { plan, type Plan } from '../planner.js';
import { compileSort } from '../sort.js';
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

/** The documents that pass a filter, sorted and cut, with the keys they are kept under. */
export function read(context: Pick<Context, 'tick'>, collection: Collection | undefined, reading: Reading): Found[] {
  const matches = compileFilter(reading.filter, reading.variables);
  const sort = reading.sort && Object.keys(reading.sort).length > 0 ? compileSort(reading.sort) : undefined;
  const { skip = 0, limit = Infinity } = reading;
  if (!collection) return [];
  const enough = sort ? Infinity : skip + limit;
  const found: Found[] = [];
  let looked = 0;
  for (const id of planFor(collection, reading).ids()) {
    if (found.length >= enough) break;
    if (looked++ % 256 === 0) context.tick();
    const doc = collection.docs.get(id);
    if (doc && matches(doc)) found.push({ id, doc });
  }
  const sorted = sort ? sortFound(found, sort) : found;
  return skip === 0 && sorted.length <= limit ? sorted : sorted.slice(skip, skip + limit);
}

function sortFound(found: Found[], sort: ReturnType<typeof compileSort>): Found[] {
  const byDoc = new Map(found.map((entry) => [entry.doc, entry]));
  return sort(found.map((entry) => entry.doc)).flatMap((doc) => byDoc.get(doc) ?? []);
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
