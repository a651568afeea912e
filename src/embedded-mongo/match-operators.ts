import { BSONRegExp } from 'bson';
import { check } from './errors.js';
import { isNumeric, toNumber } from './numbers.js';
import { orderKey, typeClass } from './order.js';
import { compileRegex } from './regex.js';
import { isDoc, own, typeName } from './values.js';

/** A test of the values found at a path: any of them must pass, or none when negated. */
export interface Leaf {
  test: (value: unknown) => boolean;
  /** Whether an array at the end of the path is also tested element by element. */
  expand: boolean;
  negated?: boolean;
}

/** Compiles one query operator. @throws BadValue for an operator that is not served. */
export function compileOperator(name: string, operand: unknown): Leaf {
  const build = own(OPERATORS, name) as (typeof OPERATORS)[string];
  check(build, 'BadValue', `unknown operator: ${name}`);
  return build(operand);
}

/** The test of `{ field: operand }` and `$eq`. */
export function equals(operand: unknown): Leaf {
  // The most common one, without a key for each value.
  // Stryker disable next-line ConditionalExpression,StringLiteral: a test by keys answers the same
  if (typeof operand === 'string') return { expand: true, test: (value) => value === operand };
  const key = orderKey(operand);
  return { expand: true, test: (value) => orderKey(value) === key };
}

type Verdict = (left: string, right: string) => boolean;

function range(name: string, orEqual: boolean, verdict: Verdict): (operand: unknown) => Leaf {
  return (operand) => {
    check(!(operand instanceof BSONRegExp), 'BadValue', `Can't have RegEx as arg to predicate over field with ${name}`);
    const type = typeClass(operand);
    const key = orderKey(operand);
    if (operand === null || Number.isNaN(operand)) {
      return orEqual ? equals(operand) : { ...equals(operand), test: () => false };
    }
    const everyType = ['minKey', 'maxKey'].includes(typeName(operand));
    const comparable = (value: unknown): boolean => (everyType || typeClass(value) === type) && !Number.isNaN(value);
    const test = (value: unknown): boolean => value !== undefined && comparable(value) && verdict(orderKey(value), key);
    return { expand: true, test };
  };
}

function inList(name: string, negated: boolean): (operand: unknown) => Leaf {
  return (operand) => {
    check(Array.isArray(operand), 'BadValue', `${name} needs an array`);
    const nested = operand.some((item) => isDoc(item) && Object.keys(item)[0]?.startsWith('$'));
    check(!nested, 'BadValue', `cannot nest $ under ${name}`);
    const keys = new Set(operand.map(orderKey));
    const patterns = operand
      .filter((item) => item instanceof BSONRegExp)
      .map((item) => compileRegex(item.pattern, item.options));
    const test = (value: unknown): boolean =>
      keys.has(orderKey(value)) || (typeof value === 'string' && patterns.some((matches) => matches(value)));
    return { expand: true, negated, test };
  };
}

const OPERATORS: Record<string, ((operand: unknown) => Leaf) | undefined> = {
  $eq: equals,
  $ne: (operand) => {
    check(!(operand instanceof BSONRegExp), 'BadValue', "Can't have regex as arg to $ne.");
    return { ...equals(operand), negated: true };
  },
  $gt: range('$gt', false, (left, right) => left > right),
  $gte: range('$gte', true, (left, right) => left >= right),
  $lt: range('$lt', false, (left, right) => left < right),
  $lte: range('$lte', true, (left, right) => left <= right),
  $in: inList('$in', false),
  $nin: inList('$nin', true),
  $exists: (operand) => {
    const wanted = isNumeric(operand) ? toNumber(operand) !== 0 : operand !== false && operand !== null;
    return { expand: false, negated: !wanted, test: (value) => value !== undefined };
  },
  $size: (operand) => {
    const fits = isNumeric(operand) && Number.isInteger(toNumber(operand)) && toNumber(operand) >= 0;
    check(fits, 'FailedToParse', '$size must be a whole number that is not negative');
    const wanted = toNumber(operand);
    return { expand: false, test: (value) => Array.isArray(value) && value.length === wanted };
  },
};
