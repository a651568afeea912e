import { orderKey } from './order.js';
import { arrayIndex } from './paths.js';
import { isDoc, own } from './values.js';

/** What an index and a sort see at a path. */
export interface Leaves {
  /** The elements of arrays one by one; `undefined` for a missing field, {@link EMPTY_ARRAY} for an array without any. */
  values: unknown[];
  /** Whether an array was met. */
  array: boolean;
}

export const EMPTY_ARRAY = Symbol('empty array');

/** The order key of a leaf; an empty array sorts before null. */
export function leafKey(value: unknown): string {
  return value === EMPTY_ARRAY ? '\u0002' : orderKey(value);
}

/** The leaves of a document at a path; there is always one. */
export function leavesAt(doc: unknown, path: string[]): Leaves {
  if (path.length === 1 && isDoc(doc)) {
    const value = own(doc, path[0] as string);
    if (!Array.isArray(value)) return { values: [value], array: false };
  }
  const leaves: Leaves = { values: [], array: false };
  walk(doc, path, 0, leaves);
  if (leaves.values.length === 0) leaves.values.push(undefined);
  return leaves;
}

function walk(value: unknown, path: string[], at: number, leaves: Leaves): void {
  const name = path[at];
  if (Array.isArray(value)) {
    leaves.array = true;
    if (name === undefined)
      return void leaves.values.push(...(value.length > 0 ? (value as unknown[]) : [EMPTY_ARRAY]));
    const index = arrayIndex(name);
    const positional = index >= 0 && index < value.length;
    if (positional) walk(value[index], path, at + 1, leaves);
    for (const element of value) {
      if (isDoc(element)) walk(element, path, at, leaves);
      else if (!positional) leaves.values.push(undefined);
    }
  } else if (name === undefined) {
    leaves.values.push(value);
  } else {
    walk(isDoc(value) ? own(value, name) : undefined, path, isDoc(value) ? at + 1 : path.length, leaves);
  }
}
