import { Double } from 'bson';
import { check } from './errors.js';
import { double } from './values.js';

export type Numeric = number | bigint | Double;

/** Whether the value is one of BSON's number types. */
export function isNumeric(value: unknown): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Double;
}

/** The value as a JavaScript number (a long beyond 2^53 loses its last digits). */
export function toNumber(value: Numeric): number {
  return Number(value);
}

function isInt(value: Numeric): value is number {
  return typeof value === 'number' && double(value) instanceof Double;
}

/** Whether the value is an int32 or a long. */
export function isWhole(value: Numeric): value is number | bigint {
  return typeof value === 'bigint' || isInt(value);
}

/**
 * Arithmetic by MongoDB's rules: int32 widens to long on overflow, a double makes the result a double, and so does a
 * whole result beyond a long.
 */
function arithmetic(real: (a: number, b: number) => number, exact: (a: bigint, b: bigint) => bigint) {
  return (a: Numeric, b: Numeric): Numeric => {
    if (!isWhole(a) || !isWhole(b)) return double(real(toNumber(a), toNumber(b)));
    const result = exact(BigInt(a), BigInt(b));
    if (isInt(a) && isInt(b) && BigInt.asIntN(32, result) === result) return Number(result);
    return BigInt.asIntN(64, result) === result ? result : double(Number(result));
  };
}

export const add = arithmetic(
  (a, b) => a + b,
  (a, b) => a + b,
);

export const subtract = arithmetic(
  (a, b) => a - b,
  (a, b) => a - b,
);

export const multiply = arithmetic(
  (a, b) => a * b,
  (a, b) => a * b,
);

/** A command argument that must be a whole number of at least `min`. @throws TypeMismatch, BadValue */
export function wholeArgument(value: unknown, name: string, min: number): number {
  check(isNumeric(value), 'TypeMismatch', `BSON field '${name}' is the wrong type, expected a number`);
  const number = toNumber(value);
  check(Number.isInteger(number), 'BadValue', `BSON field '${name}' must be a whole number`);
  check(number >= min, 51024, `BSON field '${name}' value must be >= ${min}, actual value '${number}'`);
  return number;
}
