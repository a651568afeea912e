import { isNil } from './expression-kit.js';
import { check } from './errors.js';
import { add, isNumeric, toNumber, type Numeric } from './numbers.js';
import { compare, distinctValues } from './order.js';
import { double, isDoc, typeName, type Doc } from './values.js';

/** Makes one value of those of a group. */
export type Fold = (values: unknown[]) => unknown;

/** The first of the values that come first in BSON order, or last; null and what is missing do not count. */
function extreme(isBetter: (order: number) => boolean): Fold {
  return (values) =>
    values.reduce((best, value) => {
      const better = !isNil(value) && (isNil(best) || isBetter(compare(value, best)));
      return better ? value : best;
    }, null);
}

function average(values: unknown[]): unknown {
  const numbers = values.filter(isNumeric).map(toNumber);
  return numbers.length === 0 ? null : double(numbers.reduce((a, b) => a + b, 0) / numbers.length);
}

/** @throws Location40400 for what is neither an object nor null */
export function mergeObjects(values: unknown[]): Doc {
  return values.reduce<Doc>((merged, value) => {
    const fits = isNil(value) || isDoc(value);
    check(fits, 40400, `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`);
    return { ...merged, ...value };
  }, {});
}

const present = (value: unknown): boolean => value !== undefined;

/** What the accumulators of `$group` make of the values of a group, by operator. */
export const ACCUMULATORS = {
  $sum: (values) => values.filter(isNumeric).reduce<Numeric>(add, 0),
  $avg: average,
  $min: extreme((order) => order < 0),
  $max: extreme((order) => order > 0),
  $first: ([first]) => first,
  $last: (values) => values.at(-1),
  $push: (values) => values.filter(present),
  $addToSet: (values) => distinctValues(values.filter(present)),
  $mergeObjects: mergeObjects,
} satisfies Record<string, Fold>;
