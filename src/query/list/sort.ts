import type { QueryableFields, Scope, SortKey } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import { QUERY_LIMITS } from '../limits.js';
import { queryError } from '../query-errors.js';
import { flag, list, object, requiredText } from '../shape.js';

/** Stored paths and directions, in the order in which they decide. */
export type MongoSort = Readonly<Record<string, 1 | -1>>;

/**
 * Compiles `sort`, or the resource's own order where there is none; the resource's identity always decides last.
 *
 * @throws ERROR_DB_QUERY for an unknown field, a list or a map; ERROR_INVALID_PARAMETER, _TYPE
 */
export function compileSort(sort: unknown, fields: QueryableFields, key: string): MongoSort {
  const keys = readSort(sort, key);
  const chosen = keys.length > 0 ? keys : fields.defaultSort;
  return sortOf([...chosen, { key: fields.identity }], fields.scope, key);
}

/** Compiles a list of sort keys. @throws as {@link compileSort}, ERROR_REQUIRED_PARAMETER for a key without a name */
export function readSort(sort: unknown, key: string): SortKey[] {
  return list(sort, key, QUERY_LIMITS.sorts).map((item, index) => {
    const at = `${key}[${index}]`;
    const given = object(item, at);
    const name = requiredText(given['key'], `${at}.key`, QUERY_LIMITS.nameLength);
    return { key: name, desc: flag(given['desc'], `${at}.desc`) };
  });
}

/** The first mention of a path decides. @throws ERROR_DB_QUERY */
export function sortOf(keys: readonly SortKey[], scope: Scope, key: string): MongoSort {
  const sort: Record<string, 1 | -1> = {};
  for (const [index, { key: name, desc }] of keys.entries()) {
    const { path, type, list: isList } = resolveField(scope, name, `${key}[${index}].key`);
    // MongoDB refuses to sort by two lists at once, and the order of maps means nothing to anyone.
    if (isList || type === 'map') throw queryError(`${key}[${index}].key`, 'a list or a map has no order', name);
    sort[path] ??= desc === true ? -1 : 1;
  }
  return sort;
}
