import { MinKey } from 'bson';
import { check } from './errors.js';
import type { Compile, Expression } from './expression.js';
import { isNumeric, toNumber, type Numeric } from './numbers.js';
import { compare } from './order.js';
import { typeName } from './values.js';

/** Makes an expression of an operator's operand. */
export type Builder = (operand: unknown, compile: Compile) => Expression;

/** An operator of `least` to `most` evaluated arguments. */
export function strict(name: string, least: number, most: number, apply: (...values: unknown[]) => unknown): Builder {
  return (operand, compile) => {
    const list: unknown[] = Array.isArray(operand) ? operand : [operand];
    const fits = list.length >= least && list.length <= most;
    check(fits, 16020, `Expression ${name} takes ${least} to ${most} arguments. ${list.length} were passed in.`);
    const items = list.map((item) => compile(item));
    return (env) => apply(...items.map((item) => item(env)));
  };
}

/** Compares two results; a missing value sorts before null, which only expressions tell apart. */
export function compareResults(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) {
    if (a === b) return 0;
    if (a === undefined) return b instanceof MinKey ? 1 : -1;
    return a instanceof MinKey ? -1 : 1;
  }
  return compare(a, b);
}

/** A date of a computed time. @throws Overflow for a time that is none */
export function dateOf(milliseconds: number): Date {
  const date = new Date(milliseconds);
  check(!Number.isNaN(date.getTime()), 'Overflow', 'date overflow');
  return date;
}

/** Whether a result is null or missing. */
export function isNil(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** A numeric operator: null in, null out. @throws TypeMismatch for anything else that is no number. */
export function numeric(name: string, count: number, apply: (...values: Numeric[]) => unknown): Builder {
  return strict(name, 1, count, (...values) => {
    if (values.some(isNil)) return null;
    return apply(
      ...values.map((value) => {
        check(isNumeric(value), 'TypeMismatch', `${name} only supports numeric types, not ${typeName(value)}`);
        return value;
      }),
    );
  });
}

/** MongoDB's truth: everything but false, null, missing and zero. */
export function truthy(value: unknown): boolean {
  if (isNumeric(value)) return toNumber(value) !== 0;
  return value !== false && value !== null && value !== undefined;
}
