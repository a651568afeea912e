import { MinKey } from 'bson';
import { check } from './errors.js';
import { isNumeric, toNumber, type Numeric } from './numbers.js';
import { compare } from './order.js';
import { typeName } from './values.js';

/** Values of variables by name, without their `$$`: NOW, and what `$map` and `$filter` bind. */
export type Variables = Readonly<Record<string, unknown>>;

/** What an expression is evaluated in. */
export interface Env {
  root: unknown;
  variables: Variables;
}

/** A compiled expression; `undefined` stands for a missing value. */
export type Expression = (env: Env) => unknown;

/** Compiles sub-expressions with the variables in scope, and one more. */
export type Compile = (expression: unknown, more?: string) => Expression;

/** Makes an expression of an operator's operand. */
export type Builder = (operand: unknown, compile: Compile) => Expression;

/** An operator of any number of evaluated arguments. */
export function variadic(apply: (...values: unknown[]) => unknown): Builder {
  return (operand, compile) => {
    const items = argumentsOf(operand).map((item) => compile(item));
    return (env) => apply(...items.map((item) => item(env)));
  };
}

/** What an operator is given: a list, or one argument alone. */
export function argumentsOf(operand: unknown): unknown[] {
  return Array.isArray(operand) ? operand : [operand];
}

/** An operator of `least` to `most` evaluated arguments. */
export function strict(name: string, least: number, most: number, apply: (...values: unknown[]) => unknown): Builder {
  const build = variadic(apply);
  return (operand, compile) => {
    const { length } = argumentsOf(operand);
    const fits = length >= least && length <= most;
    check(fits, 16020, `Expression ${name} takes ${least} to ${most} arguments. ${length} were passed in.`);
    return build(operand, compile);
  };
}

/** A numeric operator: null in, null out. @throws TypeMismatch for anything else that is no number. */
export function numeric(name: string, least: number, most: number, apply: (...values: Numeric[]) => unknown): Builder {
  return strict(name, least, most, (...values) => {
    if (values.some(isNil)) return null;
    const odd = values.find((value) => !isNumeric(value));
    check(odd === undefined, 'TypeMismatch', `${name} only supports numeric types, not ${typeName(odd)}`);
    return apply(...(values as Numeric[]));
  });
}

/** Compares two results; only expressions tell a missing value from null, before which it comes. */
export function compareResults(a: unknown, b: unknown): number {
  if (a !== undefined && b !== undefined) return compare(a, b);
  if (a === b) return 0;
  const missingFirst = !((a ?? b) instanceof MinKey);
  return (a === undefined) === missingFirst ? -1 : 1;
}

/** Whether a result is null or missing. */
export function isNil(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** MongoDB's truth: everything but false, null, missing and zero. */
export function truthy(value: unknown): boolean {
  return isNumeric(value) ? toNumber(value) !== 0 : value !== false && !isNil(value);
}
