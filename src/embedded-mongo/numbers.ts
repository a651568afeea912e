import { Double } from 'bson';
import { check } from './errors.js';
import { double } from './values.js';

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;
const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

export type Numeric = number | bigint | Double;

/** Whether the value is one of BSON's number types. */
export function isNumeric(value: unknown): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Double;
}

/** The value as a JavaScript number (a long beyond 2^53 loses its last digits). */
export function toNumber(value: Numeric): number {
  return typeof value === 'object' ? value.value : Number(value);
}

function isInt(value: Numeric): value is number {
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= INT_MIN &&
    value <= INT_MAX &&
    !isNegativeZero(value)
  );
}

function isNegativeZero(value: number): boolean {
  return Object.is(value, -0);
}

/** A whole-number result: int32 if it fits and both sides were int32, else a long. */
function whole(result: bigint, wasInt: boolean): number | bigint | undefined {
  if (result < LONG_MIN || result > LONG_MAX) return undefined;
  return wasInt && result >= BigInt(INT_MIN) && result <= BigInt(INT_MAX) ? Number(result) : result;
}

type Operation = (a: number, b: number) => number;
type WholeOperation = (a: bigint, b: bigint) => bigint;

/**
 * Arithmetic by MongoDB's rules: int32 widens to long on overflow, a double makes the result a double; what does not
 * fit a long becomes a double, or `undefined` where the caller refuses it.
 */
function arithmetic(
  a: Numeric,
  b: Numeric,
  real: Operation,
  exact: WholeOperation,
  strict: boolean,
): Numeric | undefined {
  const bothInt = isInt(a) && isInt(b);
  if (bothInt || ((isInt(a) || typeof a === 'bigint') && (isInt(b) || typeof b === 'bigint'))) {
    const result = whole(exact(BigInt(a), BigInt(b)), bothInt);
    if (result !== undefined || strict) return result;
  }
  return double(real(toNumber(a), toNumber(b)));
}

/** `a + b`; in strict mode (`$inc`) a long that overflows is `undefined`. */
export function add(a: Numeric, b: Numeric, strict = false): Numeric | undefined {
  return arithmetic(
    a,
    b,
    (x, y) => x + y,
    (x, y) => x + y,
    strict,
  );
}

/** `a - b`. */
export function subtract(a: Numeric, b: Numeric): Numeric {
  return (
    arithmetic(
      a,
      b,
      (x, y) => x - y,
      (x, y) => x - y,
      false,
    ) ?? 0
  );
}

/** `a × b`; in strict mode (`$mul`) a long that overflows is `undefined`. */
export function multiply(a: Numeric, b: Numeric, strict = false): Numeric | undefined {
  return arithmetic(
    a,
    b,
    (x, y) => x * y,
    (x, y) => x * y,
    strict,
  );
}

/** `a mod b`, with the sign of `a`. */
export function modulo(a: Numeric, b: Numeric): Numeric {
  return (
    arithmetic(
      a,
      b,
      (x, y) => x % y,
      (x, y) => x % y,
      false,
    ) ?? 0
  );
}

/** Applies a rounding function, which leaves whole types alone. */
export function mapReal(value: Numeric, real: Operation, place = 0): Numeric {
  return isInt(value) || typeof value === 'bigint' ? value : double(real(toNumber(value), place));
}

/** A command argument that must be a whole number of at least `min`. @throws TypeMismatch, BadValue */
export function wholeArgument(value: unknown, name: string, min: number): number {
  check(isNumeric(value), 'TypeMismatch', `BSON field '${name}' is the wrong type, expected a number`);
  const number = toNumber(value);
  check(Number.isInteger(number), 'BadValue', `BSON field '${name}' must be a whole number`);
  check(number >= min, 51024, `BSON field '${name}' value must be >= ${min}, actual value '${number}'`);
  return number;
}
