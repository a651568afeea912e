import { ObjectId } from 'bson';
import { isNil, strict, truthy, type Builder } from './expression-kit.js';
import { check, MongoError } from './errors.js';
import { isNumeric, toNumber } from './numbers.js';
import { regexOperand } from './regex.js';
import { double, isDoc, typeName } from './values.js';

const CONVERSION_FAILURE = 241;

function failure(value: unknown, to: string): MongoError {
  const what =
    typeof value === 'string' ? `Failed to parse number '${value}'` : `Unsupported conversion from ${typeName(value)}`;
  return new MongoError(CONVERSION_FAILURE, `${what} to ${to} in $convert with no onError value`);
}

function toReal(value: unknown, to: string): number {
  if (isNumeric(value)) return toNumber(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value);
  throw failure(value, to);
}

function toInt(value: unknown): number {
  check(!(value instanceof Date), CONVERSION_FAILURE, 'Unsupported conversion from date to int');
  const whole = Math.trunc(toReal(value, 'int'));
  check(
    Number.isFinite(whole) && Math.abs(whole) < 2 ** 31,
    CONVERSION_FAILURE,
    'Conversion would overflow target type',
  );
  return whole;
}

function toLong(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  const real = Math.trunc(toReal(value, 'long'));
  check(Number.isFinite(real) && Math.abs(real) < 2 ** 63, CONVERSION_FAILURE, 'Conversion would overflow target type');
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? BigInt(value.replace('+', '')) : BigInt(real);
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isNumeric(value)) return typeof value === 'object' ? String(value.value) : String(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  throw failure(value, 'string');
}

function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  const date = new Date(typeof value === 'string' ? value : typeof value === 'boolean' ? NaN : toReal(value, 'date'));
  check(!Number.isNaN(date.getTime()), CONVERSION_FAILURE, `Error parsing date string '${String(value)}'`);
  return date;
}

const CONVERSIONS: Record<string, (value: unknown) => unknown> = {
  int: toInt,
  long: toLong,
  double: (value) => double(toReal(value, 'double')),
  string: toText,
  date: toDate,
  bool: (value) => (isNumeric(value) ? toNumber(value) !== 0 : truthy(value)),
};

function converter(name: string, type: string): Builder {
  return strict(name, 1, 1, (value) => (isNil(value) ? null : CONVERSIONS[type]?.(value)));
}

const convertTo: Builder = (operand, compile) => {
  check(isDoc(operand) && 'input' in operand && 'to' in operand, 'FailedToParse', "$convert needs 'input' and 'to'");
  const to = Object.hasOwn(CONVERSIONS, String(operand['to'])) ? CONVERSIONS[String(operand['to'])] : undefined;
  check(to, 'BadValue', `$convert to ${String(operand['to'])} is not supported`);
  const input = compile(operand['input']);
  const onError = 'onError' in operand ? compile(operand['onError']) : undefined;
  const onNull = compile(operand['onNull'] ?? null);
  return (env) => {
    const value = input(env);
    if (isNil(value)) return onNull(env);
    try {
      return to(value);
    } catch (error) {
      if (onError) return onError(env);
      throw error;
    }
  };
};

const regexMatch: Builder = (operand, compile) => {
  check(isDoc(operand) && 'input' in operand && 'regex' in operand, 51105, '$regexMatch needs input and regex');
  const test = regexOperand(operand['regex'], operand['options']);
  const input = compile(operand['input']);
  return (env) => {
    const value = input(env);
    if (isNil(value)) return false;
    check(typeof value === 'string', 51104, "$regexMatch needs 'input' to be of type string");
    return test(value);
  };
};

/** Operators that look at or change a value's type. */
export const convert: Record<string, Builder> = {
  $type: strict('$type', 1, 1, typeName),
  $isNumber: strict('$isNumber', 1, 1, isNumeric),
  $toInt: converter('$toInt', 'int'),
  $toLong: converter('$toLong', 'long'),
  $toDouble: converter('$toDouble', 'double'),
  $toString: converter('$toString', 'string'),
  $toDate: converter('$toDate', 'date'),
  $toBool: converter('$toBool', 'bool'),
  $convert: convertTo,
  $regexMatch: regexMatch,
};
