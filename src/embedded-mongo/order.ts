import { Binary, BSONRegExp, Double, ObjectId, Timestamp } from 'bson';
import { isDoc, typeName, type Doc } from './values.js';

/**
 * BSON's order as strings: `orderKey(a) < orderKey(b)` exactly when MongoDB sorts `a` before `b`, and the keys are equal
 * exactly when MongoDB calls the values equal (1, 1.0 and NumberLong(1) share one key). Sorting, matching, grouping,
 * unique indexes and `_id` all use it, so they cannot disagree.
 */
export function orderKey(value: unknown): string {
  return typeClass(value) + payload(value);
}

/** MongoDB's canonical type class: values of different classes never match a range operator of the other. */
export function typeClass(value: unknown): string {
  if (typeof value === 'string') return '\u0005';
  if (typeof value === 'number' || typeof value === 'bigint') return '\u0004';
  return CLASSES[typeName(value)] ?? '\u0006';
}

const CLASSES: Record<string, string> = {
  minKey: '\u0001',
  missing: '\u0003',
  null: '\u0003',
  double: '\u0004',
  object: '\u0006',
  array: '\u0007',
  binData: '\u0008',
  objectId: '\u0009',
  bool: '\u000a',
  date: '\u000b',
  timestamp: '\u000c',
  regex: '\u000d',
  maxKey: '\u007f',
};

function payload(value: unknown): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return numberKey(value, 0);
  if (typeof value === 'bigint') return bigintKey(value);
  if (typeof value === 'boolean') return value ? '\u0002' : '\u0001';
  if (value instanceof Double) return numberKey(value.value, 0);
  if (value instanceof Date) return numberKey(value.getTime(), 0);
  if (value instanceof ObjectId) return value.toHexString();
  if (Array.isArray(value)) return value.map(orderKey).join('') + '\u0000';
  if (value instanceof Binary) {
    const bytes = Buffer.from(value.value());
    return numberKey(bytes.length, 0) + String.fromCharCode(value.sub_type) + bytes.toString('latin1');
  }
  if (value instanceof Timestamp) return bigintKey(value.toBigInt());
  if (value instanceof BSONRegExp) return text(value.pattern) + text(value.options);
  return isDoc(value) ? docKey(value) : '';
}

function docKey(doc: Doc): string {
  let key = '';
  for (const name of Object.keys(doc)) key += typeClass(doc[name]) + text(name) + payload(doc[name]);
  return key + '\u0000';
}

/** Code units rotated so that strings sort by code point, as MongoDB's UTF-8 does; NUL escaped, as it ends a string. */
function text(value: string): string {
  if (!/[\u0000-\u0001\ud800-\uffff]/.test(value)) return value + '\u0000';
  let key = '';
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit <= 1) key += '\u0001' + String.fromCharCode(unit + 1);
    else if (unit < 0xd800) key += value[i];
    else key += String.fromCharCode(unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);
  }
  return key + '\u0000';
}

const scratch = new DataView(new ArrayBuffer(8));

function numberKey(value: number, residual: number): string {
  if (Number.isNaN(value)) return '\u0000';
  scratch.setFloat64(0, value === 0 ? 0 : value);
  let high = scratch.getUint32(0);
  let low = scratch.getUint32(4);
  if (high & 0x80000000) {
    high = ~high >>> 0;
    low = ~low >>> 0;
  } else {
    high = (high | 0x80000000) >>> 0;
  }
  // Every key of a number has this length, so that what follows in a compound key stays aligned.
  return '\u0001' + String.fromCharCode(high >>> 16, high & 0xffff, low >>> 16, low & 0xffff, 0x8000 + residual);
}

/** A 64-bit integer beyond 2^53 shares its nearest double with neighbours; the residual tells them apart. */
function bigintKey(value: bigint): string {
  const nearest = Number(value);
  return numberKey(nearest, Number(value - BigInt(nearest)));
}

/** Compares two values by BSON order. */
export function compare(a: unknown, b: unknown): number {
  const plain = typeof a === 'number' && typeof b === 'number' && !Number.isNaN(a) && !Number.isNaN(b);
  const left = plain ? a : orderKey(a);
  const right = plain ? b : orderKey(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether MongoDB calls the two values equal. */
export function equal(a: unknown, b: unknown): boolean {
  return a === b || orderKey(a) === orderKey(b);
}

/** Distinct values in first-seen order. */
export function distinctValues(values: unknown[]): unknown[] {
  return [...new Map(values.map((value) => [orderKey(value), value])).values()];
}
