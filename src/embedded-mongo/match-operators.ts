import { BSONRegExp, Double } from 'bson';
import { check } from './errors.js';
import { isNumeric, toNumber } from './numbers.js';
import { orderKey, typeClass } from './order.js';
import { compileRegex } from './regex.js';
import { isDoc, typeFor, typeName } from './values.js';

/** A test of the values found at a path: any of them must pass, or none when negated. */
export interface Leaf {
  test: (value: unknown) => boolean;
  /** Whether an array at the end of the path is also tested element by element. */
  expand: boolean;
  negated?: boolean;
}

/** Compiles one query operator. @throws BadValue for an operator that is not served. */
export function compileOperator(name: string, operand: unknown): Leaf {
  const build = OPERATORS[name];
  check(build, 'BadValue', `unknown operator: ${name}`);
  return build(operand);
}

/** The test of `{ field: operand }` and `$eq`. */
export function equals(operand: unknown): Leaf {
  if (typeof operand === 'string') return { expand: true, test: (value) => value === operand };
  if (operand === null) return { expand: true, test: (value) => value === undefined || value === null };
  const key = orderKey(operand);
  const type = typeClass(operand);
  return { expand: true, test: (value) => value !== undefined && typeClass(value) === type && orderKey(value) === key };
}

type Verdict = (left: string, right: string) => boolean;

function range(operand: unknown, verdict: Verdict, orEqual: boolean, name: string): Leaf {
  check(!(operand instanceof BSONRegExp), 'BadValue', `Can't have RegEx as arg to predicate over field with ${name}`);
  const type = typeClass(operand);
  const key = orderKey(operand);
  if (operand === null) return orEqual ? equals(null) : { expand: true, test: () => false };
  if (isNaNValue(operand)) return orEqual ? equals(operand) : { expand: true, test: () => false };
  const everyType = ['minKey', 'maxKey'].includes(typeName(operand));
  return {
    expand: true,
    test: (value) =>
      value !== undefined &&
      (everyType || typeClass(value) === type) &&
      !isNaNValue(value) &&
      verdict(orderKey(value), key),
  };
}

function isNaNValue(value: unknown): boolean {
  return Number.isNaN(value) || (value instanceof Double && Number.isNaN(value.value));
}

function inList(operand: unknown, name: string): Leaf {
  check(Array.isArray(operand), 'BadValue', `${name} needs an array`);
  const patterns = operand
    .filter((item) => item instanceof BSONRegExp)
    .map((item) => compileRegex(item.pattern, item.options));
  const keys = new Set(
    operand.map((item) => {
      check(!isDoc(item) || !Object.keys(item)[0]?.startsWith('$'), 'BadValue', `cannot nest $ under ${name}`);
      return orderKey(item);
    }),
  );
  return {
    expand: true,
    negated: name === '$nin',
    test: (value) => keys.has(orderKey(value)) || (typeof value === 'string' && patterns.some((test) => test(value))),
  };
}

function exists(operand: unknown): Leaf {
  const wanted = isNumeric(operand) ? toNumber(operand) !== 0 : operand !== false && operand !== null;
  return { expand: false, negated: !wanted, test: (value) => value !== undefined };
}

function ofType(operand: unknown): Leaf {
  const names = (Array.isArray(operand) ? operand : [operand]).map(typeFor);
  check(names.length > 0, 'FailedToParse', '$type must match at least one type');
  return {
    expand: true,
    test: (value) => names.includes(typeName(value)) || (names.includes('number') && isNumeric(value)),
  };
}

function size(operand: unknown): Leaf {
  check(isNumeric(operand), 'FailedToParse', '$size must be a whole number');
  const wanted = toNumber(operand);
  check(Number.isInteger(wanted) && wanted >= 0, 'FailedToParse', `$size may not be negative or fractional: ${wanted}`);
  return { expand: false, test: (value) => Array.isArray(value) && value.length === wanted };
}

function mod(operand: unknown): Leaf {
  check(Array.isArray(operand) && operand.length === 2, 'BadValue', 'malformed mod, needs two elements');
  const [divisor, remainder] = operand.map((item) => {
    check(isNumeric(item) && Number.isFinite(toNumber(item)), 'BadValue', 'malformed mod, arguments must be numbers');
    return Math.trunc(toNumber(item));
  });
  check(divisor, 'BadValue', 'divisor cannot be 0');
  return {
    expand: true,
    test: (value) => isNumeric(value) && Math.trunc(toNumber(value)) % divisor === remainder,
  };
}

const OPERATORS: Record<string, ((operand: unknown) => Leaf) | undefined> = {
  $eq: (operand) => equals(operand),
  $ne: (operand) => {
    check(!(operand instanceof BSONRegExp), 'BadValue', "Can't have regex as arg to $ne.");
    return { ...equals(operand), negated: true };
  },
  $gt: (operand) => range(operand, (left, right) => left > right, false, '$gt'),
  $gte: (operand) => range(operand, (left, right) => left >= right, true, '$gte'),
  $lt: (operand) => range(operand, (left, right) => left < right, false, '$lt'),
  $lte: (operand) => range(operand, (left, right) => left <= right, true, '$lte'),
  $in: (operand) => inList(operand, '$in'),
  $nin: (operand) => inList(operand, '$nin'),
  $exists: exists,
  $type: ofType,
  $size: size,
  $mod: mod,
};
