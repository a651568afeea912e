import { Context } from 'mingo';
import { evalExpr } from 'mingo/core';
import * as date from 'mingo/operators/expression/date';
import * as text from 'mingo/operators/expression/string';
import { $literal } from 'mingo/operators/expression';
import type { Compile, Env, Expression } from './expression.js';
import { MongoError } from './errors.js';
import { dateOf } from './expression-kit.js';
import { isNumeric, toNumber } from './numbers.js';
import { isDoc, type Doc } from './values.js';

/** String and date operators that mingo computes as MongoDB does; their arguments are evaluated here. */
const NAMES = new Set(
  (
    '$concat $toLower $toUpper $substr $substrCP $substrBytes $strLenCP $strLenBytes $split $trim $ltrim $rtrim ' +
    '$replaceOne $replaceAll $strcasecmp $dateToString $dateTrunc $dateAdd $dateSubtract $dateDiff $dateFromString ' +
    '$year $month $dayOfMonth $dayOfWeek $dayOfYear $hour $minute $second $millisecond $isoWeek $isoWeekYear'
  ).split(' '),
);

const options = {
  idKey: '_id',
  scriptEnabled: false,
  useStrictMode: true,
  failOnError: true,
  processingMode: 0,
  context: Context.init({ expression: { ...date, ...text, $literal } }),
};

/** The builder of an operator that is delegated, if it is. */
export function delegated(name: string): ((operand: unknown, compile: Compile) => Expression) | undefined {
  if (!NAMES.has(name)) return undefined;
  return (operand, compile) => {
    const argument = compileArgument(operand, compile);
    return (env) => run(name, argument(env));
  };
}

function run(name: string, argument: unknown): unknown {
  try {
    const result: unknown = evalExpr(null, { [name]: argument }, options);
    if (name === '$dateDiff' && typeof result === 'number') return BigInt(result);
    return result instanceof Date ? dateOf(result.getTime()) : (result ?? null);
  } catch (error) {
    throw new MongoError('BadValue', error instanceof Error ? error.message : `${name} failed`);
  }
}

/** Each argument evaluated here and handed over as a literal, so that mingo looks at no document and no path. */
function compileArgument(operand: unknown, compile: Compile): (env: Env) => unknown {
  const literal =
    (expression: Expression) =>
    (env: Env): unknown => ({ $literal: plain(expression(env)) });
  if (Array.isArray(operand)) {
    const items = operand.map((item) => literal(compile(item)));
    return (env) => items.map((item) => item(env));
  }
  if (!isDoc(operand) || Object.keys(operand)[0]?.startsWith('$')) return literal(compile(operand));
  const fields = Object.keys(operand).map((key) => [key, literal(compile(operand[key]))] as const);
  return (env) => Object.fromEntries(fields.map(([key, field]) => [key, field(env)])) as Doc;
}

function plain(value: unknown): unknown {
  return isNumeric(value) ? toNumber(value) : (value ?? null);
}
