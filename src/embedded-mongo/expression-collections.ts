import { compareResults, isNil, numeric, strict, truthy, type Builder } from './expression-kit.js';
import { check } from './errors.js';
import { isNumeric, toNumber } from './numbers.js';
import { orderKey } from './order.js';
import { isDoc, own, put, typeName, type Doc } from './values.js';

type ArrayOperator = (items: unknown[], ...rest: unknown[]) => unknown;

/** An operator whose first argument is an array; null in, null out. */
function onArray(name: string, least: number, most: number, apply: ArrayOperator): Builder {
  return strict(name, least, most, (items, ...rest) => {
    if (isNil(items)) return null;
    check(Array.isArray(items), 28689, `The argument to ${name} must be an array, but was of type: ${typeName(items)}`);
    return apply(items, ...rest);
  });
}

function integer(value: unknown, name: string): number {
  const fits = isNumeric(value) && Number.isInteger(toNumber(value));
  check(fits, 28691, `${name} needs a value that is a 32-bit integer, but got ${typeName(value)}`);
  return toNumber(value);
}

/** An operator that takes several arrays; null if any of them is. */
function onArrays(name: string, apply: (arrays: unknown[][]) => unknown): Builder {
  return strict(name, 0, Infinity, (...values) => {
    if (values.some(isNil)) return null;
    return apply(
      values.map((value) => {
        check(Array.isArray(value), 28664, `${name} only supports arrays, not ${typeName(value)}`);
        return value;
      }),
    );
  });
}

function distinct(items: unknown[]): Map<string, unknown> {
  return new Map(items.map((item) => [orderKey(item), item]));
}

function slice(items: unknown[], first: unknown, second: unknown): unknown {
  if (first === null || second === null) return null;
  const from = integer(first, '$slice');
  if (second === undefined) return from >= 0 ? items.slice(0, from) : items.slice(from);
  const count = integer(second, '$slice');
  check(count > 0, 28729, `Third argument to $slice must be positive: ${count}`);
  const start = from >= 0 ? from : Math.max(0, items.length + from);
  return items.slice(start, start + count);
}

function isIn(value: unknown, items: unknown): boolean {
  check(Array.isArray(items), 40081, `$in requires an array as a second argument, found: ${typeName(items)}`);
  return items.some((item) => compareResults(item, value) === 0);
}

/** `$filter`, `$map` and `$reduce`: an expression evaluated for each element with it bound to a variable. */
function perElement(
  name: string,
  body: string,
  apply: (items: unknown[], each: Each, initial: unknown) => unknown,
): Builder {
  return (operand, compile) => {
    check(isDoc(operand) && 'input' in operand && body in operand, 28646, `${name} needs input and ${body}`);
    const known = name === '$reduce' ? ['initialValue'] : ['as'];
    const unknown = Object.keys(operand).find((key) => !['input', body, ...known].includes(key));
    check(!unknown, 28647, `Unrecognized parameter to ${name}: ${unknown}`);
    const as = typeof operand['as'] === 'string' ? operand['as'] : 'this';
    const input = compile(operand['input']);
    const initial = compile(operand['initialValue'] ?? null);
    const inner = compile(operand[body], [as, 'this', 'value']);
    return (env) => {
      const items = input(env);
      if (isNil(items)) return null;
      check(Array.isArray(items), 28651, `input to ${name} must be an array not ${typeName(items)}`);
      const each: Each = (item, value) => inner({ root: env.root, variables: { ...env.variables, [as]: item, value } });
      return apply(items, each, initial(env));
    };
  };
}

type Each = (item: unknown, value?: unknown) => unknown;

function toObject(items: unknown[]): Doc {
  const result: Doc = {};
  for (const item of items) {
    const [key, value]: unknown[] = Array.isArray(item) ? item : isDoc(item) ? [item['k'], item['v']] : [];
    check(typeof key === 'string', 40386, '$arrayToObject requires arrays of [key, value] or {k, v} with string keys');
    put(result, key, value ?? null);
  }
  return result;
}

function sortBy(spec: unknown): (a: unknown, b: unknown) => number {
  if (isNumeric(spec)) return (a, b) => compareResults(a, b) * toNumber(spec);
  check(isDoc(spec), 2942507, '$sortArray needs a sortBy of 1, -1 or fields');
  const fields = Object.entries(spec).map(([name, order]) => [name, order === -1 ? -1 : 1] as const);
  return (a, b) => {
    for (const [name, sign] of fields) {
      const order = compareResults(isDoc(a) ? own(a, name) : undefined, isDoc(b) ? own(b, name) : undefined);
      if (order !== 0) return order * sign;
    }
    return 0;
  };
}

const sortArray: Builder = (operand, compile) => {
  check(isDoc(operand) && 'input' in operand && 'sortBy' in operand, 2942502, '$sortArray needs input and sortBy');
  const order = sortBy(operand['sortBy']);
  return onArray('$sortArray', 1, 1, (items) => items.toSorted(order))([operand['input']], compile);
};

/** Operators on arrays. */
export const array: Record<string, Builder> = {
  $size: strict('$size', 1, 1, (items) => {
    check(Array.isArray(items), 17124, `The argument to $size must be an array, but was of type: ${typeName(items)}`);
    return items.length;
  }),
  $isArray: strict('$isArray', 1, 1, (items) => Array.isArray(items)),
  $arrayElemAt: onArray('$arrayElemAt', 2, 2, (items, at) =>
    isNil(at) ? null : items.at(integer(at, '$arrayElemAt')),
  ),
  $first: onArray('$first', 1, 1, (items) => items[0]),
  $last: onArray('$last', 1, 1, (items) => items.at(-1)),
  $in: strict('$in', 2, 2, isIn),
  $slice: onArray('$slice', 2, 3, slice),
  $concatArrays: onArrays('$concatArrays', (arrays) => arrays.flat(1)),
  $reverseArray: onArray('$reverseArray', 1, 1, (items) => items.toReversed()),
  $indexOfArray: onArray('$indexOfArray', 2, 2, (items, wanted) =>
    items.findIndex((item) => compareResults(item, wanted) === 0),
  ),
  $sortArray: sortArray,
  $arrayToObject: onArray('$arrayToObject', 1, 1, toObject),
  $setUnion: onArrays('$setUnion', (arrays) => [...distinct(arrays.flat(1)).values()]),
  $setIntersection: onArrays('$setIntersection', (arrays) => {
    const others = arrays.slice(1).map(distinct);
    const common = [...distinct(arrays[0] ?? [])].filter(([key]) => others.every((other) => other.has(key)));
    return common.map(([, item]) => item);
  }),
  $setDifference: onArrays('$setDifference', ([left = [], right = []]) => {
    const without = distinct(right);
    return [...distinct(left)].filter(([key]) => !without.has(key)).map(([, item]) => item);
  }),
  $setIsSubset: onArrays('$setIsSubset', ([left = [], right = []]) => {
    const all = distinct(right);
    return [...distinct(left).keys()].every((key) => all.has(key));
  }),
  $anyElementTrue: onArray('$anyElementTrue', 1, 1, (items) => items.some(truthy)),
  $allElementsTrue: onArray('$allElementsTrue', 1, 1, (items) => items.every(truthy)),
  $range: numeric('$range', 3, (from, to, by) => {
    const step = integer(by ?? 1, '$range');
    check(step !== 0, 34449, '$range requires a non-zero step value');
    const start = integer(from, '$range');
    const count = Math.max(0, Math.ceil((integer(to, '$range') - start) / step));
    check(count <= 1_000_000, 'ExceededMemoryLimit', '$range would use too much memory');
    return Array.from({ length: count }, (_, i) => start + i * step);
  }),
  $filter: perElement('$filter', 'cond', (items, each) => items.filter((item) => truthy(each(item)))),
  $map: perElement('$map', 'in', (items, each) => items.map((item) => each(item) ?? null)),
  $reduce: perElement('$reduce', 'in', (items, each, initial) =>
    items.reduce((value, item) => each(item, value), initial),
  ),
};

/** Operators on documents. */
export const object: Record<string, Builder> = {
  $mergeObjects: strict('$mergeObjects', 0, Infinity, (...values) => {
    const docs: unknown[] = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
    return docs.reduce<Doc>((merged, doc) => {
      check(isNil(doc) || isDoc(doc), 40400, `$mergeObjects requires object inputs, but input is ${typeName(doc)}`);
      return { ...merged, ...doc };
    }, {});
  }),
  $objectToArray: strict('$objectToArray', 1, 1, (doc) => {
    if (isNil(doc)) return null;
    check(isDoc(doc), 40390, `$objectToArray requires a document input, found: ${typeName(doc)}`);
    return Object.entries(doc).map(([k, v]) => ({ k, v }));
  }),
  $getField: (operand, compile) => {
    const full = isDoc(operand) && 'field' in operand;
    const field = full ? operand['field'] : operand;
    check(typeof field === 'string', 5654602, "$getField requires 'field' to be a constant string");
    const input = compile(full && 'input' in operand ? operand['input'] : '$$CURRENT');
    return (env) => {
      const value = input(env);
      return isDoc(value) ? own(value, field) : isNil(value) ? null : undefined;
    };
  },
};
