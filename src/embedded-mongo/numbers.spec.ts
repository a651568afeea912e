import { Double } from 'bson';
import { expect, it } from 'vitest';
import { outcome } from '../../test/embedded-mongo/cases/typed.js';
import { add, isNumeric, isWhole, multiply, subtract, toNumber, wholeArgument, type Numeric } from './numbers.js';

const MAX = 2n ** 63n - 1n;

it.each<[string, typeof add, Numeric, Numeric, Numeric]>([
  ['+', add, 1, 2, 3],
  ['+', add, 2 ** 31 - 1, 1, 2n ** 31n],
  ['+', add, -(2 ** 31), -1, -(2n ** 31n) - 1n],
  ['+', add, 1, 2n, 3n],
  ['+', add, 1n, 2, 3n],
  ['+', add, 1, new Double(2), new Double(3)],
  ['+', add, new Double(1), 2n, new Double(3)],
  ['+', add, 1.5, 2.25, 3.75],
  ['+', add, 2 ** 31, 1, 2 ** 31 + 1],
  ['+', add, MAX, 1, 2 ** 63],
  ['+', add, -MAX, -2, -(2 ** 63)],
  ['-', subtract, 1, 2, -1],
  ['-', subtract, 1.5, 2, -0.5],
  ['-', subtract, -(2 ** 31), 1, -(2n ** 31n) - 1n],
  ['-', subtract, 5n, 7, -2n],
  ['*', multiply, 3, 4, 12],
  ['*', multiply, 0.5, 3, 1.5],
  ['*', multiply, 65536, 65536, 2n ** 32n],
  ['*', multiply, 3n, 4, 12n],
  ['*', multiply, MAX, 2, 2 ** 64],
])('of three types are added, subtracted and multiplied: %#, %s', (_sign, operation, left, right, result) => {
  expect(operation(left, right)).toEqual(result);
});

it('numbers are of three types, of which two are whole', () => {
  expect([1, 1.5, 1n, new Double(1), NaN].every(isNumeric)).toBe(true);
  expect(['1', null, undefined, true, new Date(), {}].some(isNumeric)).toBe(false);
  expect([1, -5, 1n].every(isWhole)).toBe(true);
  expect([1.5, 2 ** 31, new Double(1), NaN].some(isWhole)).toBe(false);
  expect([toNumber(2), toNumber(2n), toNumber(new Double(2)), toNumber(2.5)]).toEqual([2, 2, 2, 2.5]);
});

it.each([0, 5, 5n, new Double(5)])('an argument may be %s', (value) => {
  expect(wholeArgument(value, 'limit', 0)).toBe(Number(value));
});

it.each<[unknown, number, string]>([
  ['5', 14, "BSON field 'limit' is the wrong type, expected a number"],
  [null, 14, "BSON field 'limit' is the wrong type, expected a number"],
  [1.5, 2, "BSON field 'limit' must be a whole number"],
  [Infinity, 2, "BSON field 'limit' must be a whole number"],
  [0, 51024, "BSON field 'limit' value must be >= 1, actual value '0'"],
])('an argument cannot be %s', (value, code, errmsg) => {
  expect(outcome(() => wholeArgument(value, 'limit', 1))).toEqual({ code, errmsg });
});
