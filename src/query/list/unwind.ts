import type { Scope } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import { conditions, type FilterContext } from '../filter/filter.js';
import { allOf, matching, type Stage } from '../filter/mongo-filter.js';
import { QUERY_LIMITS } from '../limits.js';
import { queryError } from '../query-errors.js';
import { object, requiredText } from '../shape.js';

/** One row for each element of a list. */
export interface CompiledUnwind {
  /** The stored path of the list. */
  readonly path: string;
  readonly stages: readonly Stage[];
  /** The fields as they are after it: the list has become its element. */
  readonly scope: Scope;
}

/**
 * Compiles `unwind`; its filter asks of each element (under the list's own name), and of the row that it stands in.
 *
 * @throws ERROR_REQUIRED_PARAMETER without a path, ERROR_DB_QUERY when the path is no list, and as a filter throws
 */
export function compileUnwind(unwind: unknown, { scope, now }: FilterContext, at: string): CompiledUnwind {
  const given = object(unwind, at);
  const name = requiredText(given['path'], `${at}.path`, QUERY_LIMITS.nameLength);
  const { path, type, list } = resolveField(scope, name, `${at}.path`);
  if (!list && type !== 'any') throw queryError(`${at}.path`, 'not a list', name);
  // MongoDB would answer no row at all.
  if (list && !scope.has(name)) throw queryError(`${at}.path`, 'unwind the list that it is in', name);
  const unwound = new Map(scope).set(name, { path, type, list: false });
  const filter = allOf(conditions(given['filter'], { scope: unwound, now }, `${at}.filter`));
  return { path, stages: [{ $unwind: `$${path}` }, ...matching(filter)], scope: unwound };
}
