import { QUERY_LIMITS } from '../limits.js';
import { queryError } from '../query-errors.js';
import { aliased, type Aliased, type Fields, requiredText } from '../shape.js';

const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_ -]*$/u;
const RESERVED = new Set(['_id', '__proto__', 'constructor', 'prototype']);

/**
 * Reads the name that a result is answered under (`name` or `n`): letters, digits, `_`, `-` and blanks, starting with a
 * letter or `_`, so that it can be a field of the database, and not `_id`.
 *
 * @throws ERROR_REQUIRED_PARAMETER, ERROR_DB_QUERY
 */
export function outputName(item: Fields, at: string): string {
  return checkedName(aliased(item, at, 'name', 'n'));
}

/** Checks a name. @throws as {@link outputName} */
export function checkedName({ value, key }: Aliased): string {
  const name = requiredText(value, key, QUERY_LIMITS.nameLength);
  if (!NAME.test(name) || RESERVED.has(name)) throw queryError(key, 'a result cannot be called so', name);
  return name;
}

/** Collects the names of one stage. */
export class Names {
  private readonly taken = new Set<string>();

  /** @throws ERROR_DB_QUERY when two results of one stage have the same name */
  add(name: string, at: string): string {
    if (this.taken.has(name)) throw queryError(`${at}.name`, 'two results of one stage have this name', name);
    this.taken.add(name);
    return name;
  }
}
