import {
  Binary,
  BSONRegExp,
  calculateObjectSize,
  deserialize,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import { check, MongoError } from './errors.js';

/**
 * A document in memory. A `number` is what BSON would write for it (int32 when it is a whole number in that range, a
 * double otherwise), `Double` is kept only for whole doubles in the int32 range, and `bigint` is a 64-bit integer: so
 * every number goes back to the client with the type it came with.
 */
export type Doc = Record<string, unknown>;

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 100;
const sizes = new WeakMap<object, number>();

/** Reads one BSON document. @throws InvalidBSON, Overflow, or BadValue for a type that is not served. */
export function decode(bytes: Uint8Array): Doc {
  let raw: Doc;
  try {
    raw = deserialize(bytes, { promoteValues: false, promoteLongs: false, bsonRegExp: true });
  } catch (error) {
    if (error instanceof RangeError && /call stack/i.test(error.message)) {
      throw new MongoError('Overflow', `BSON is nested more than ${MAX_DEPTH} levels deep`);
    }
    throw new MongoError('InvalidBSON', error instanceof Error ? error.message : 'invalid BSON');
  }
  return canonical(raw, 0) as Doc;
}

/** Writes one BSON document. @throws BSONObjectTooLarge */
export function encode(doc: Doc): Buffer {
  let bytes: Uint8Array;
  try {
    bytes = serialize(doc, { ignoreUndefined: false });
  } catch (error) {
    if (error instanceof RangeError) throw new MongoError('BSONObjectTooLarge', 'BSONObj size is larger than 16 MiB');
    throw error;
  }
  check(bytes.length <= MAX_DOCUMENT_BYTES + 16_384, 'BSONObjectTooLarge', 'BSONObj size is larger than 16 MiB');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The BSON size of a document in bytes. */
export function sizeOf(doc: Doc): number {
  const known = sizes.get(doc);
  if (known !== undefined) return known;
  const size = calculateObjectSize(doc, { ignoreUndefined: false });
  sizes.set(doc, size);
  return size;
}

function canonical(value: unknown, depth: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (value instanceof Int32) return value.value;
  if (value instanceof Double) return double(value.value);
  if (value instanceof Date) {
    check(!Number.isNaN(value.getTime()), 'BadValue', 'dates outside the range of years ±275760 are not supported');
    return value;
  }
  if (Array.isArray(value)) {
    check(depth < MAX_DEPTH * 2, 'Overflow', `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH * 2}`);
    for (let i = 0; i < value.length; i++) value[i] = canonical(value[i], depth + 1);
    return value;
  }
  if (value instanceof Timestamp) return value;
  if (value instanceof Long) return value.toBigInt();
  // A copy, as the bytes are a window on the whole message they came in.
  if (value instanceof Binary) return new Binary(Uint8Array.from(value.value()), value.sub_type);
  if (isOpaque(value)) return value;
  check(isDoc(value), 'BadValue', `BSON type ${bsonTypeName(value)} is not supported`);
  check(depth < MAX_DEPTH * 2, 'Overflow', `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH * 2}`);
  for (const key of Object.keys(value)) put(value, key, canonical(value[key], depth + 1));
  return value;
}

function isOpaque(value: unknown): boolean {
  return value instanceof ObjectId || value instanceof BSONRegExp || value instanceof MinKey || value instanceof MaxKey;
}

function bsonTypeName(value: unknown): string {
  return String((value as { _bsontype?: unknown })._bsontype ?? typeof value);
}

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

/** The depth of nesting, and refusal past what MongoDB stores. */
export function checkStorable(doc: Doc): void {
  checkDepth(doc, 1);
  check(
    sizeOf(doc) <= MAX_DOCUMENT_BYTES,
    'BSONObjectTooLarge',
    `object to insert too large. size in bytes: ${sizeOf(doc)}, max size: ${MAX_DOCUMENT_BYTES}`,
  );
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  const children = Array.isArray(value) ? value : isDoc(value) ? Object.values(value) : [];
  if (children.length === 0) return;
  check(depth <= MAX_DEPTH, 'Overflow', `cannot store documents nested more than ${MAX_DEPTH} levels deep`);
  for (const child of children) checkDepth(child, depth + 1);
}

const TYPE_CODES: Record<string, number> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  int: 16,
  timestamp: 17,
  long: 18,
  minKey: -1,
  maxKey: 127,
};

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

/** The name of a BSON type given by number or name. @throws BadValue for one that does not exist or is not served. */
export function typeFor(given: unknown): string {
  if (given === 'number') return 'number';
  const byName = typeof given === 'string' && Object.hasOwn(TYPE_CODES, given) ? given : undefined;
  const found = byName ?? Object.keys(TYPE_CODES).find((name) => TYPE_CODES[name] === Number(given));
  check(found !== undefined, 'BadValue', `Unknown type name alias or number: ${String(given)}`);
  return found;
}
