import { isNil } from './expression-kit.js';
import { check } from './errors.js';
import { add, isNumeric, toNumber, type Numeric } from './numbers.js';
import { compare, distinctValues } from './order.js';
import { double, isDoc, typeName, type Doc } from './values.js';

function extreme(sign: 1 | -1): (values: unknown[]) => unknown {
  return (values) =>
    values.reduce((best, value) => {
      const better = !isNil(value) && (isNil(best) || compare(value, best) * sign > 0);
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
export const ACCUMULATORS: Record<string, ((values: unknown[]) => unknown) | undefined> = {
  $sum: (values) => values.filter(isNumeric).reduce<Numeric>(add, 0),
  $avg: average,
  $min: extreme(-1),
  $max: extreme(1),
  $first: ([first]) => first,
  $last: (values) => values.at(-1),
  $push: (values) => values.filter(present),
  $addToSet: (values) => distinctValues(values.filter(present)),
  $mergeObjects: mergeObjects,
};
