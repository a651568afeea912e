import { isNil, strict, type Builder } from './expression-kit.js';
import { add, isNumeric, toNumber, type Numeric } from './numbers.js';
import { compare, orderKey } from './order.js';
import { double, isDoc, type Doc } from './values.js';

/** Folds values of a group into one result. */
export interface Accumulator {
  add(value: unknown): void;
  result(): unknown;
}

function sum(): Accumulator {
  let total: Numeric = 0;
  return {
    add: (value) => {
      if (isNumeric(value)) total = add(total, value) ?? 0;
    },
    result: () => total,
  };
}

function average(): Accumulator {
  let total = 0;
  let count = 0;
  return {
    add: (value) => {
      if (!isNumeric(value)) return;
      total += toNumber(value);
      count++;
    },
    result: () => (count === 0 ? null : double(total / count)),
  };
}

function extreme(sign: 1 | -1): Accumulator {
  let best: unknown = null;
  return {
    add: (value) => {
      if (!isNil(value) && (best === null || compare(value, best) * sign > 0)) best = value;
    },
    result: () => best,
  };
}

function first(): Accumulator {
  let seen = false;
  let kept: unknown = null;
  return {
    add: (value) => {
      if (!seen) kept = value ?? null;
      seen = true;
    },
    result: () => kept,
  };
}

function last(): Accumulator {
  let kept: unknown = null;
  return { add: (value) => (kept = value ?? null), result: () => kept };
}

function push(): Accumulator {
  const items: unknown[] = [];
  return {
    add: (value) => {
      if (value !== undefined) items.push(value);
    },
    result: () => items,
  };
}

function addToSet(): Accumulator {
  const items = new Map<string, unknown>();
  return {
    add: (value) => {
      if (value !== undefined && !items.has(orderKey(value))) items.set(orderKey(value), value);
    },
    result: () => [...items.values()],
  };
}

function mergeObjects(): Accumulator {
  let merged: Doc = {};
  return {
    add: (value) => {
      if (isDoc(value)) merged = { ...merged, ...value };
    },
    result: () => merged,
  };
}

/** The accumulators of `$group`, by operator. */
export const ACCUMULATORS: Record<string, (() => Accumulator) | undefined> = {
  $sum: sum,
  $avg: average,
  $min: () => extreme(-1),
  $max: () => extreme(1),
  $first: first,
  $last: last,
  $push: push,
  $addToSet: addToSet,
  $mergeObjects: mergeObjects,
};

/** An accumulator as an expression: over its arguments, or over the one array it is given. */
export function folded(name: string): Builder {
  return strict(name, 0, Infinity, (...values) => {
    const accumulator = ACCUMULATORS[name]?.();
    const items: unknown[] = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
    for (const item of items) accumulator?.add(item);
    return accumulator?.result();
  });
}
