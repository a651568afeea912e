import { check, shown } from './errors.js';
import { isDoc, own, put, type Doc } from './values.js';

/** The position a path component names in an array, or -1. */
export function arrayIndex(name: string): number {
  return /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : -1;
}

/**
 * Calls `test` with what MongoDB's matching sees at a path: a missing field as `undefined`, every element of an array on
 * the way, and for an array at the end its elements (when `expand`) and then the array itself. Stops at the first true.
 */
export function anyAt(
  value: unknown,
  path: string[],
  expand: boolean,
  test: (leaf: unknown) => boolean,
  at = 0,
): boolean {
  if (at === path.length) return leaf(value, expand, test);
  const name = path[at] ?? '';
  if (Array.isArray(value)) return anyInArray(value, path, expand, test, at);
  if (!isDoc(value)) return test(undefined);
  return anyAt(own(value, name), path, expand, test, at + 1);
}

function leaf(value: unknown, expand: boolean, test: (leaf: unknown) => boolean): boolean {
  if (expand && Array.isArray(value) && value.some(test)) return true;
  return test(value);
}

function anyInArray(
  array: unknown[],
  path: string[],
  expand: boolean,
  test: (leaf: unknown) => boolean,
  at: number,
): boolean {
  const index = arrayIndex(path[at] ?? '');
  if (index >= 0 && index < array.length && anyAt(array[index], path, expand, test, at + 1)) return true;
  return array.some((element) => isDoc(element) && anyAt(element, path, expand, test, at));
}

/** What an aggregation expression `$a.b` sees: arrays on the way are mapped, missing values left out. */
export function resolve(value: unknown, path: string[], at = 0): unknown {
  if (at === path.length) return value;
  if (Array.isArray(value)) {
    const found = value.filter(isDoc).map((element) => resolve(element, path, at));
    return found.filter((element) => element !== undefined);
  }
  return isDoc(value) ? resolve(own(value, path[at] ?? ''), path, at + 1) : undefined;
}

/** The value exactly at an update path (array positions by number); `undefined` when missing. */
export function getAt(value: unknown, path: string[], at = 0): unknown {
  if (at === path.length) return value;
  const name = path[at] ?? '';
  if (Array.isArray(value)) return getAt(value[arrayIndex(name)], path, at + 1);
  return isDoc(value) ? getAt(own(value, name), path, at + 1) : undefined;
}

const MAX_PADDING = 1_500_000;

/** A copy with the path set; only what lies on the path is copied. @throws PathNotViable through scalars. */
export function setAt(value: unknown, path: string[], to: unknown, at = 0): unknown {
  if (at === path.length) return to;
  const name = path[at] ?? '';
  if (Array.isArray(value)) {
    const index = arrayIndex(name);
    check(index >= 0, 'PathNotViable', `Cannot create field '${name}' in element {${path[at - 1]}: [...]}`);
    check(index <= value.length + MAX_PADDING, 'BadValue', `can't backfill more than ${MAX_PADDING} elements`);
    const copy: unknown[] = value.concat(Array(Math.max(0, index - value.length)).fill(null));
    copy[index] = setAt(copy[index], path, to, at + 1);
    return copy;
  }
  check(
    value === undefined || isDoc(value),
    'PathNotViable',
    () => `Cannot create field '${name}' in element {${path[at - 1]}: ${shown(value)}}`,
  );
  const copy: Doc = { ...value };
  put(copy, name, setAt(own(copy, name), path, to, at + 1));
  return copy;
}

/** A copy without the path; an array element becomes null. A path that does not exist changes nothing. */
export function unsetAt(value: unknown, path: string[], at = 0): unknown {
  const name = path[at] ?? '';
  const last = at === path.length - 1;
  if (Array.isArray(value)) {
    const index = arrayIndex(name);
    if (index < 0 || index >= value.length) return value;
    const copy: unknown[] = value.slice();
    copy[index] = last ? null : unsetAt(copy[index], path, at + 1);
    return copy;
  }
  if (!isDoc(value) || !Object.hasOwn(value, name)) return value;
  const copy: Doc = { ...value };
  if (last) delete copy[name];
  else put(copy, name, unsetAt(copy[name], path, at + 1));
  return copy;
}
