import { Binary, BSONRegExp, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { check } from './errors.js';

/**
 * A document in memory. A `number` is what BSON would write for it (int32 when it is a whole number in that range, a
 * double otherwise), `Double` is kept only for whole doubles in the int32 range, and `bigint` is a 64-bit integer: so
 * every number goes back to the client with the type it came with.
 */
export type Doc = Record<string, unknown>;

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 100;

/** A double in its canonical form. */
export function double(value: number): number | Double {
  const ambiguous = Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31 && !Object.is(value, -0);
  return ambiguous ? new Double(value) : value;
}

/** Whether the value is an embedded document (not an array, date or other BSON type). */
export function isDoc(value: unknown): value is Doc {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Sets an own field, `__proto__` included. */
export function put(target: Doc, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}

/** Reads an own field; `undefined` when it is missing. */
export function own(target: Doc, key: string): unknown {
  return Object.hasOwn(target, key) ? target[key] : undefined;
}

/** Refuses nesting past what MongoDB stores. @throws Overflow */
export function checkStorable(doc: Doc): void {
  checkDepth(doc, 1);
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  const children = Array.isArray(value) ? value : isDoc(value) ? Object.values(value) : [];
  if (children.length === 0) return;
  check(depth <= MAX_DEPTH, 'Overflow', `cannot store documents nested more than ${MAX_DEPTH} levels deep`);
  for (const child of children) checkDepth(child, depth + 1);
}

/** BSON's type name of a value as `$type` spells it; `missing` for undefined. */
export function typeName(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'long';
  if (typeof value === 'number') return typeof double(value) === 'number' ? 'double' : 'int';
  if (value instanceof Double) return 'double';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof Binary) return 'binData';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof BSONRegExp) return 'regex';
  if (value instanceof MinKey) return 'minKey';
  if (value instanceof MaxKey) return 'maxKey';
  return 'object';
}
