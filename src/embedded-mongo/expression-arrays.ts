import { compareResults, isNil, strict, truthy, variadic, type Builder } from './expression-kit.js';
import { mergeObjects } from './accumulators.js';
import { check } from './errors.js';
import { isNumeric, toNumber } from './numbers.js';
import { distinctValues } from './order.js';
import { isDoc, put, typeName, type Doc } from './values.js';

type ArrayOperator = (items: unknown[], ...rest: unknown[]) => unknown;

/** An operator whose first argument is an array; null in, null out. */
function onArray(name: string, least: number, most: number, apply: ArrayOperator): Builder {
  return strict(name, least, most, (items, ...rest) => {
    if (isNil(items)) return null;
    check(Array.isArray(items), 28689, `The argument to ${name} must be an array, but was of type: ${typeName(items)}`);
    return apply(items, ...rest);
  });
}

/** An operator that takes several arrays; null if any of them is. */
function onArrays(name: string, apply: (items: unknown[]) => unknown): Builder {
  return variadic((...values) => {
    if (values.some(isNil)) return null;
    const odd = values.find((value) => !Array.isArray(value));
    check(odd === undefined, 28664, `${name} only supports arrays, not ${typeName(odd)}`);
    return apply(values.flat(1));
  });
}

function integer(value: unknown, name: string): number {
  const fits = isNumeric(value) && Number.isInteger(toNumber(value));
  check(fits, 28691, `${name} needs a value that is a 32-bit integer, but got ${typeName(value)}`);
  return toNumber(value);
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

type Each = (item: unknown) => unknown;

/** `$filter` and `$map`: an expression evaluated for each element with it bound to a variable. */
function perElement(name: string, body: string, apply: (items: unknown[], each: Each) => unknown): Builder {
  return (operand, compile) => {
    check(isDoc(operand) && 'input' in operand && body in operand, 28646, `${name} needs input and ${body}`);
    const unknown = Object.keys(operand).find((key) => !['input', body, 'as'].includes(key));
    check(!unknown, 28647, `Unrecognized parameter to ${name}: ${unknown}`);
    const as = typeof operand['as'] === 'string' ? operand['as'] : 'this';
    const input = compile(operand['input']);
    const inner = compile(operand[body], as);
    return (env) => {
      const items = input(env);
      if (isNil(items)) return null;
      check(Array.isArray(items), 28651, `input to ${name} must be an array not ${typeName(items)}`);
      return apply(items, (item) => inner({ root: env.root, variables: { ...env.variables, [as]: item } }));
    };
  };
}

function toObject(items: unknown[]): Doc {
  const result: Doc = {};
  for (const item of items) {
    const [key, value]: unknown[] = Array.isArray(item) ? item : isDoc(item) ? [item['k'], item['v']] : [];
    check(typeof key === 'string', 40386, '$arrayToObject requires arrays of [key, value] or {k, v} with string keys');
    put(result, key, value ?? null);
  }
  return result;
}

/** Operators on arrays, and on documents as arrays of fields. */
export const arrayOperators: Record<string, Builder> = {
  $size: strict('$size', 1, 1, (items) => {
    check(Array.isArray(items), 17124, `The argument to $size must be an array, but was of type: ${typeName(items)}`);
    return items.length;
  }),
  $isArray: strict('$isArray', 1, 1, (items) => Array.isArray(items)),
  $arrayElemAt: onArray('$arrayElemAt', 2, 2, (items, at) =>
    isNil(at) ? null : items.at(integer(at, '$arrayElemAt')),
  ),
  $in: strict('$in', 2, 2, (value, items) => {
    check(Array.isArray(items), 40081, `$in requires an array as a second argument, found: ${typeName(items)}`);
    return items.some((item) => compareResults(item, value) === 0);
  }),
  $slice: onArray('$slice', 2, 3, slice),
  $concatArrays: onArrays('$concatArrays', (items) => items),
  $setUnion: onArrays('$setUnion', distinctValues),
  $filter: perElement('$filter', 'cond', (items, each) => items.filter((item) => truthy(each(item)))),
  $map: perElement('$map', 'in', (items, each) => items.map((item) => each(item) ?? null)),
  $arrayToObject: onArray('$arrayToObject', 1, 1, toObject),
  $objectToArray: strict('$objectToArray', 1, 1, (doc) => {
    if (isNil(doc)) return null;
    check(isDoc(doc), 40390, `$objectToArray requires a document input, found: ${typeName(doc)}`);
    return Object.entries(doc).map(([k, v]) => ({ k, v }));
  }),
  $mergeObjects: variadic((...values) => mergeObjects(values)),
};
