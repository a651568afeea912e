import { array, object } from './expression-collections.js';
import { convert } from './expression-types.js';
import { compareResults, dateOf, isNil, numeric, strict, truthy, type Builder } from './expression-kit.js';
import type { Expression } from './expression.js';
import { folded } from './accumulators.js';
import { check } from './errors.js';
import { add, isNumeric, mapReal, modulo, multiply, subtract, toNumber, type Numeric } from './numbers.js';
import { double, isDoc, typeName, type Doc } from './values.js';

function comparison(name: string, verdict: (order: number) => unknown): Builder {
  return strict(name, 2, 2, (a, b) => verdict(compareResults(a, b)));
}

function sum(...values: unknown[]): unknown {
  if (values.some(isNil)) return null;
  const dates = values.filter((value) => value instanceof Date);
  check(dates.length <= 1, 'TypeMismatch', 'only one date allowed in an $add expression');
  const total = values.reduce<Numeric>((result, value) => {
    if (value instanceof Date) return result;
    check(isNumeric(value), 'TypeMismatch', `$add only supports numeric or date types, not ${typeName(value)}`);
    return add(result, value) ?? 0;
  }, 0);
  return dates[0] ? dateOf(dates[0].getTime() + Math.round(toNumber(total))) : total;
}

function difference(a: unknown, b: unknown): unknown {
  if (isNil(a) || isNil(b)) return null;
  if (a instanceof Date && b instanceof Date) return BigInt(a.getTime() - b.getTime());
  if (a instanceof Date && isNumeric(b)) return dateOf(a.getTime() - Math.round(toNumber(b)));
  const types = `can't $subtract ${typeName(b)} from ${typeName(a)}`;
  check(isNumeric(a) && isNumeric(b), 'TypeMismatch', types);
  return subtract(a, b);
}

function divide(a: Numeric, b: Numeric): unknown {
  check(toNumber(b) !== 0, 'BadValue', "can't $divide by zero");
  return double(toNumber(a) / toNumber(b));
}

/** Rounds half to even at a decimal place, as `$round` does. */
function round(value: number, place: number): number {
  const scale = 10 ** place;
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const half = scaled - floor === 0.5;
  return (half ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(scaled)) / scale;
}

const cond: Builder = (operand, compile) => {
  const list = isDoc(operand) ? [operand['if'], operand['then'], operand['else']] : operand;
  check(Array.isArray(list) && list.length === 3, 16020, 'Expression $cond takes exactly 3 arguments.');
  const missing = list.some((item) => item === undefined);
  check(
    !missing && (!isDoc(operand) || Object.keys(operand).length === 3),
    17080,
    "$cond needs 'if', 'then' and 'else'",
  );
  const [test, yes, no] = list.map((item) => compile(item)) as [Expression, Expression, Expression];
  return (env) => (truthy(test(env)) ? yes(env) : no(env));
};

const switchCase: Builder = (operand, compile) => {
  const branches = isDoc(operand) ? operand['branches'] : undefined;
  check(
    isDoc(operand) && Array.isArray(branches) && branches.length > 0,
    40068,
    '$switch requires at least one branch.',
  );
  const cases = branches.map((branch: unknown) => {
    check(
      isDoc(branch) && 'case' in branch && 'then' in branch,
      40067,
      "$switch requires each branch have a 'case' and a 'then'",
    );
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
  return (operand, compile) => apply((Array.isArray(operand) ? operand : [operand]).map((item) => compile(item)));
}

const letIn: Builder = (operand, compile) => {
  check(isDoc(operand) && isDoc(operand['vars']) && 'in' in operand, 16876, '$let needs vars and in');
  const vars: Doc = operand['vars'];
  const names = Object.keys(vars);
  const values = names.map((name) => compile(vars[name]));
  const inner = compile(operand['in'], names);
  return (env) => {
    const bound = Object.fromEntries(names.map((name, i) => [name, values[i]?.(env)]));
    return inner({ root: env.root, variables: { ...env.variables, ...bound } });
  };
};

/** The expression operators that are served here; strings and dates are delegated. */
export const OPERATORS: Record<string, Builder | undefined> = {
  $literal: (operand) => () => operand,
  $expr: (operand, compile) => compile(operand),
  $eq: comparison('$eq', (order) => order === 0),
  $ne: comparison('$ne', (order) => order !== 0),
  $gt: comparison('$gt', (order) => order > 0),
  $gte: comparison('$gte', (order) => order >= 0),
  $lt: comparison('$lt', (order) => order < 0),
  $lte: comparison('$lte', (order) => order <= 0),
  $cmp: comparison('$cmp', Math.sign),
  $and: lazily((items) => (env) => items.every((item) => truthy(item(env)))),
  $or: lazily((items) => (env) => items.some((item) => truthy(item(env)))),
  $not: strict('$not', 1, 1, (value) => !truthy(value)),
  $cond: cond,
  $switch: switchCase,
  $ifNull: lazily((items) => (env) => {
    for (const item of items.slice(0, -1)) {
      const value = item(env);
      if (!isNil(value)) return value;
    }
    return items.at(-1)?.(env);
  }),
  $let: letIn,
  $add: strict('$add', 0, Infinity, sum),
  $subtract: strict('$subtract', 2, 2, difference),
  $multiply: numeric('$multiply', Infinity, (...values) => values.reduce((a, b) => multiply(a, b) ?? 0, 1)),
  $divide: numeric('$divide', 2, (a, b) => divide(a ?? 0, b ?? 0)),
  $mod: numeric('$mod', 2, (a, b) => {
    check(b !== undefined && toNumber(b) !== 0, 16610, "can't $mod by zero");
    return modulo(a ?? 0, b);
  }),
  $abs: numeric('$abs', 1, (a) => (toNumber(a ?? 0) < 0 ? subtract(0, a ?? 0) : a)),
  $ceil: numeric('$ceil', 1, (a) => mapReal(a ?? 0, Math.ceil)),
  $floor: numeric('$floor', 1, (a) => mapReal(a ?? 0, Math.floor)),
  $trunc: numeric('$trunc', 1, (a) => mapReal(a ?? 0, Math.trunc)),
  $round: numeric('$round', 2, (a, place) => mapReal(a ?? 0, round, toNumber(place ?? 0))),
  $sum: folded('$sum'),
  $avg: folded('$avg'),
  $min: folded('$min'),
  $max: folded('$max'),
  ...array,
  ...object,
  ...convert,
};
