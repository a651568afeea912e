import { Context } from 'mingo';
import { $literal } from 'mingo/operators/expression';
import { $dateToString } from 'mingo/operators/expression/date';
import type { Options } from 'mingo/types';
import { ACCUMULATORS, type Fold } from './accumulators.js';
import { arrayOperators } from './expression-arrays.js';
import { argumentsOf, compareResults, isNil, numeric, strict, truthy, variadic } from './expression-kit.js';
import type { Builder, Expression } from './expression-kit.js';
import { check } from './errors.js';
import { add, isNumeric, multiply, subtract, toNumber, type Numeric } from './numbers.js';
import { double, isDoc, typeName } from './values.js';

function comparison(name: string, verdict: (order: number) => boolean): Builder {
  return strict(name, 2, 2, (a, b) => verdict(compareResults(a, b)));
}

function dateOf(milliseconds: number): Date {
  const date = new Date(milliseconds);
  check(!Number.isNaN(date.getTime()), 'Overflow', 'date overflow');
  return date;
}

function sum(...values: unknown[]): unknown {
  if (values.some(isNil)) return null;
  const dates = values.filter((value) => value instanceof Date);
  check(dates.length <= 1, 'TypeMismatch', 'only one date allowed in an $add expression');
  const total = values.reduce<Numeric>((result, value) => {
    if (value instanceof Date) return result;
    check(isNumeric(value), 'TypeMismatch', `$add only supports numeric or date types, not ${typeName(value)}`);
    return add(result, value);
  }, 0);
  return dates[0] ? dateOf(dates[0].getTime() + Math.round(toNumber(total))) : total;
}

function difference(a: unknown, b: unknown): unknown {
  if (isNil(a) || isNil(b)) return null;
  if (a instanceof Date && b instanceof Date) return BigInt(a.getTime() - b.getTime());
  if (a instanceof Date && isNumeric(b)) return dateOf(a.getTime() - Math.round(toNumber(b)));
  check(isNumeric(a) && isNumeric(b), 'TypeMismatch', `can't $subtract ${typeName(b)} from ${typeName(a)}`);
  return subtract(a, b);
}

function quotient(a: Numeric, b: Numeric): unknown {
  check(toNumber(b) !== 0, 'BadValue', "can't $divide by zero");
  return double(toNumber(a) / toNumber(b));
}

const cond: Builder = (operand, compile) => {
  const full = isDoc(operand) && 'if' in operand && 'then' in operand && 'else' in operand;
  check(!isDoc(operand) || (full && Object.keys(operand).length === 3), 17080, "$cond needs 'if', 'then' and 'else'");
  const list = isDoc(operand) ? [operand['if'], operand['then'], operand['else']] : operand;
  check(Array.isArray(list) && list.length === 3, 16020, 'Expression $cond takes exactly 3 arguments.');
  const [test, yes, no] = list.map((item) => compile(item)) as [Expression, Expression, Expression];
  return (env) => (truthy(test(env)) ? yes(env) : no(env));
};

const switchCase: Builder = (operand, compile) => {
  const branches = isDoc(operand) ? operand['branches'] : undefined;
  const some = isDoc(operand) && Array.isArray(branches) && branches.length > 0;
  check(some, 40068, '$switch requires at least one branch.');
  const cases = branches.map((branch: unknown) => {
    const full = isDoc(branch) && 'case' in branch && 'then' in branch;
    check(full, 40067, "$switch requires each branch have a 'case' and a 'then'");
    return [compile(branch['case']), compile(branch['then'])] as const;
  });
  const otherwise = 'default' in operand ? compile(operand['default']) : undefined;
  return (env) => {
    const found = cases.find(([test]) => truthy(test(env)))?.[1] ?? otherwise;
    check(found, 40066, '$switch could not find a matching branch for an input, and no default was specified.');
    return found(env);
  };
};

function lazily(apply: (items: Expression[]) => Expression): Builder {
  return (operand, compile) => apply(argumentsOf(operand).map((item) => compile(item)));
}

/** An accumulator as an expression: over its arguments, or over the one array it is given. */
function folded(fold: Fold): Builder {
  return variadic((...values) => {
    const items: unknown[] = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
    return fold(items);
  });
}

function datePart(name: string, part: (date: Date) => number): Builder {
  return strict(name, 1, 1, (date) => {
    if (isNil(date)) return null;
    check(date instanceof Date, 16006, `can't convert from BSON type ${typeName(date)} to Date`);
    return part(date);
  });
}

/** The library takes its defaults for all other options. */
const formatting = { context: Context.init({ expression: { $literal } }) } as Options;

const dateToString: Builder = (operand, compile) => {
  check(isDoc(operand) && 'date' in operand && 'format' in operand, 18628, '$dateToString needs date and format');
  const unknown = Object.keys(operand).find((key) => key !== 'date' && key !== 'format');
  check(!unknown, 18534, `the argument '${unknown}' of $dateToString is not supported`);
  const [format, date] = [compile(operand['format']), compile(operand['date'])];
  return (env) => {
    const [text, at] = [format(env), date(env)];
    if (isNil(text) || isNil(at)) return null;
    check(typeof text === 'string', 18533, "$dateToString requires that 'format' be a string");
    check(!/%(?![YmdHMSLjuV])/.test(text), 18536, `a specifier in the format '${text}' is not supported`);
    check(at instanceof Date, 16006, `can't convert from BSON type ${typeName(at)} to Date`);
    return $dateToString({}, { format: { $literal: text }, date: { $literal: new Date(at) } }, formatting);
  };
};

/** The expression operators that are served. */
export const OPERATORS: Record<string, Builder | undefined> = {
  $literal: (operand) => () => operand,
  $eq: comparison('$eq', (order) => order === 0),
  $ne: comparison('$ne', (order) => order !== 0),
  $gt: comparison('$gt', (order) => order > 0),
  $gte: comparison('$gte', (order) => order >= 0),
  $lt: comparison('$lt', (order) => order < 0),
  $lte: comparison('$lte', (order) => order <= 0),
  $and: lazily((items) => (env) => items.every((item) => truthy(item(env)))),
  $or: lazily((items) => (env) => items.some((item) => truthy(item(env)))),
  $not: strict('$not', 1, 1, (value) => !truthy(value)),
  $cond: cond,
  $switch: switchCase,
  $ifNull: lazily((items) => (env) => {
    let value: unknown;
    for (const item of items) {
      value = item(env);
      if (!isNil(value)) break;
    }
    return value;
  }),
  $add: variadic(sum),
  $subtract: strict('$subtract', 2, 2, difference),
  $multiply: numeric('$multiply', 0, Infinity, (...values) => values.reduce(multiply, 1)),
  $divide: numeric('$divide', 2, 2, (a, b) => quotient(a, b)),
  $sum: folded(ACCUMULATORS.$sum),
  $min: folded(ACCUMULATORS.$min),
  $max: folded(ACCUMULATORS.$max),
  $type: strict('$type', 1, 1, typeName),
  $isNumber: strict('$isNumber', 1, 1, isNumeric),
  $year: datePart('$year', (date) => date.getUTCFullYear()),
  $month: datePart('$month', (date) => date.getUTCMonth() + 1),
  $dayOfMonth: datePart('$dayOfMonth', (date) => date.getUTCDate()),
  $dateToString: dateToString,
  ...arrayOperators,
};
