/**
 * A second, independent reading of MongoDB's rules for a small universe of values (null, missing, numbers, strings,
 * booleans, arrays and documents of these): slow and literal, written for the tests and sharing nothing with the server.
 */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Item = { [key: string]: Value };

const RANK = ['null', 'number', 'string', 'object', 'array', 'boolean'] as const;

function kind(value: Value): (typeof RANK)[number] {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as 'number' | 'string' | 'object' | 'boolean';
}

/** BSON order. */
export function order(a: Value, b: Value): number {
  const ranks = RANK.indexOf(kind(a)) - RANK.indexOf(kind(b));
  if (ranks !== 0) return Math.sign(ranks);
  if (a === null || b === null) return 0;
  if (Array.isArray(a) && Array.isArray(b)) return orderLists(a, b, order);
  if (typeof a === 'object' && typeof b === 'object') {
    return orderLists(Object.entries(a), Object.entries(b as Item), ([k1, v1], [k2, v2]) => {
      const kinds = RANK.indexOf(kind(v1)) - RANK.indexOf(kind(v2));
      if (kinds !== 0) return kinds;
      return k1 < k2 ? -1 : k1 > k2 ? 1 : order(v1, v2);
    });
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function orderLists<T>(a: T[], b: T[], each: (x: T, y: T) => number): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const result = each(a[i] as T, b[i] as T);
    if (result !== 0) return Math.sign(result);
  }
  return Math.sign(a.length - b.length);
}

/** Everything a query sees at a path: `undefined` for a missing field; an array at the end by element and as a whole. */
export function seen(value: Value | undefined, path: string[]): (Value | undefined)[] {
  const [name, ...rest] = path;
  if (name === undefined) return Array.isArray(value) ? [...value, value] : [value];
  if (Array.isArray(value)) {
    const byIndex = /^\d+$/.test(name) && Number(name) < value.length ? seen(value[Number(name)], rest) : [];
    const documents = value.filter((element) => kind(element) === 'object');
    return [...byIndex, ...documents.flatMap((element) => seen(element, path))];
  }
  if (value === undefined || kind(value) !== 'object') return [undefined];
  return seen((value as Item)[name], rest);
}

/** Whether a document passes a filter. */
export function passes(doc: Item, filter: Item): boolean {
  return Object.entries(filter).every(([key, operand]) => {
    const clauses = operand as Item[];
    if (key === '$and') return clauses.every((clause) => passes(doc, clause));
    if (key === '$or') return clauses.some((clause) => passes(doc, clause));
    if (key === '$nor') return !clauses.some((clause) => passes(doc, clause));
    return fieldPasses(doc, key.split('.'), operand);
  });
}

function fieldPasses(doc: Value, path: string[], operand: Value): boolean {
  const isOperators = kind(operand) === 'object' && Object.keys(operand as Item)[0]?.startsWith('$');
  if (!isOperators) return holds(doc, path, '$eq', operand);
  return Object.entries(operand as Item).every(([name, argument]) => holds(doc, path, name, argument));
}

function holds(doc: Value, path: string[], name: string, argument: Value): boolean {
  const values = seen(doc, path);
  const list = argument as Value[];
  switch (name) {
    case '$eq':
      return values.some((value) => same(value, argument));
    case '$ne':
      return !values.some((value) => same(value, argument));
    case '$in':
      return values.some((value) => list.some((item) => same(value, item)));
    case '$nin':
      return !values.some((value) => list.some((item) => same(value, item)));
    case '$exists':
      return whole(doc, path).some((value) => value !== undefined) === argument;
    case '$size':
      return whole(doc, path).some((value) => Array.isArray(value) && value.length === argument);
    case '$not':
      return !fieldPasses(doc, path, argument);
    case '$all':
      return list.length > 0 && list.every((item) => holds(doc, path, '$eq', item));
    case '$elemMatch':
      return whole(doc, path).some(
        (value) => Array.isArray(value) && value.some((element) => elementPasses(element, argument as Item)),
      );
    default:
      return values.some((value) => compares(value, name, argument));
  }
}

function elementPasses(element: Value, operand: Item): boolean {
  if (!Object.keys(operand)[0]?.startsWith('$')) {
    return (kind(element) === 'object' || kind(element) === 'array') && passes(element as Item, operand);
  }
  return Object.entries(operand).every(([name, argument]) =>
    name === '$ne'
      ? !same(element, argument)
      : name === '$eq'
        ? same(element, argument)
        : compares(element, name, argument),
  );
}

/** As {@link seen}, without taking an array at the end apart. */
function whole(value: Value | undefined, path: string[]): (Value | undefined)[] {
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  if (Array.isArray(value)) {
    const byIndex = /^\d+$/.test(name) && Number(name) < value.length ? whole(value[Number(name)], rest) : [];
    return [
      ...byIndex,
      ...value.filter((element) => kind(element) === 'object').flatMap((element) => whole(element, path)),
    ];
  }
  return value === undefined || kind(value) !== 'object' ? [undefined] : whole((value as Item)[name], rest);
}

function same(value: Value | undefined, wanted: Value): boolean {
  return wanted === null ? value === null || value === undefined : value !== undefined && order(value, wanted) === 0;
}

function compares(value: Value | undefined, name: string, wanted: Value): boolean {
  if (wanted === null) return (name === '$gte' || name === '$lte') && same(value, null);
  if (value === undefined || kind(value) !== kind(wanted)) return false;
  const result = order(value, wanted);
  if (name === '$gt') return result > 0;
  if (name === '$gte') return result >= 0;
  return name === '$lt' ? result < 0 : result <= 0;
}

type Key = Value | 'empty';

/** What a sort sees: elements instead of an array, null where a path ends early, 'empty' for an array without elements. */
function sortKeys(value: Value | undefined, path: string[]): Key[] {
  const [name, ...rest] = path;
  if (name === undefined) return Array.isArray(value) ? (value.length === 0 ? ['empty'] : value) : [value ?? null];
  if (!Array.isArray(value))
    return sortKeys(
      kind(value ?? null) === 'object' ? (value as Item)[name] : undefined,
      kind(value ?? null) === 'object' ? rest : [],
    );
  const byIndex = /^\d+$/.test(name) && Number(name) < value.length;
  const keys = byIndex ? sortKeys(value[Number(name)], rest) : [];
  for (const element of value) {
    if (kind(element) === 'object') keys.push(...sortKeys(element, path));
    else if (!byIndex) keys.push(null);
  }
  return keys.length === 0 ? [null] : keys;
}

/** Sorts as MongoDB does, stable. */
export function sorted(docs: Item[], keys: [string, 1 | -1][]): Item[] {
  const key = (doc: Item, path: string, sign: 1 | -1): Key =>
    sortKeys(doc, path.split('.')).toSorted((a, b) => orderKeys(a, b) * sign)[0] as Key;
  return docs.toSorted((a, b) => {
    for (const [path, sign] of keys) {
      const result = orderKeys(key(a, path, sign), key(b, path, sign));
      if (result !== 0) return result * sign;
    }
    return 0;
  });
}

const EMPTY = 'empty';

function orderKeys(a: Key, b: Key): number {
  if (a === EMPTY || b === EMPTY) return a === b ? 0 : a === EMPTY ? -1 : 1;
  return order(a, b);
}
