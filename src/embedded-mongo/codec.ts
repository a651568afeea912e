import * as bson from 'bson';
import { check, MongoError } from './errors.js';
import { double, isDoc, MAX_DOCUMENT_BYTES, put, type Doc } from './values.js';

/** Deeper than any stored document: a command holds one a few levels down. */
const MAX_DEPTH = 200;
/** With every number as it came, and what has no plain value in JavaScript as an object of its own. */
const EXACT = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true };
const RARE = [bson.ObjectId, bson.Timestamp, bson.BSONRegExp, bson.MinKey, bson.MaxKey];

/**
 * Reads one BSON document.
 * @param fields the fields to read; all when undefined
 * @throws InvalidBSON, Overflow, or BadValue for a type that is not served
 */
export function decode(bytes: Buffer, fields?: ReadonlySet<string>): Doc {
  try {
    return fields ? only(bytes, fields) : (canonical(bson.deserialize(bytes, EXACT), 0) as Doc);
  } catch (error) {
    if (error instanceof MongoError) throw error;
    if (error instanceof RangeError) throw new MongoError('Overflow', 'the document is nested too deeply');
    throw new MongoError('InvalidBSON', error instanceof Error ? error.message : 'invalid BSON');
  }
}

/** Some fields of a stored document; what is behind the last of them is not looked at. */
function only(bytes: Buffer, fields: ReadonlySet<string>): Doc {
  const doc: Doc = {};
  const names = namesOf(fields);
  for (let at = 4, left = names.length; left > 0 && bytes[at] !== 0;) {
    let value = at + 1;
    while (bytes[value] !== 0) value++;
    const name = names.find((one) => isAt(bytes, at + 1, value, one.bytes))?.text;
    value++;
    const end = value + sizeOfValue(bytes, bytes[at], value);
    if (name !== undefined) {
      put(doc, name, valueOf(bytes, at, value, end, name));
      left--;
    }
    at = end;
  }
  return doc;
}

interface Name {
  readonly text: string;
  readonly bytes: Buffer;
}

const known = new WeakMap<ReadonlySet<string>, Name[]>();

/** The names of fields as they stand in documents. */
function namesOf(fields: ReadonlySet<string>): Name[] {
  const names = known.get(fields) ?? [...fields].map((text) => ({ text, bytes: Buffer.from(text) }));
  known.set(fields, names);
  return names;
}

function isAt(bytes: Buffer, from: number, to: number, name: Buffer): boolean {
  if (to - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name[i]) return false;
  return true;
}

/** The value of an element that starts at `at`: those that most keys are made of at once, others by the library. */
function valueOf(bytes: Buffer, at: number, value: number, end: number, name: string): unknown {
  const type = bytes[at];
  if (type === 0x02) return bytes.toString('utf8', value + 4, end - 1);
  if (type === 0x09) return new Date(Number(bytes.readBigInt64LE(value)));
  if (type === 0x10) return bytes.readInt32LE(value);
  if (type === 0x08) return bytes[value] === 1;
  if (type === 0x0a) return null;
  const element = bson.deserialize(documentOf([bytes.subarray(at, end)]), EXACT);
  return canonical(element[name], 1);
}

/** How many bytes a value has, by its type's number in BSON: a fixed size, or one that it says. */
function sizeOfValue(bytes: Buffer, type: number | undefined, at: number): number {
  if (type === 0x02) return 4 + bytes.readInt32LE(at);
  if (type === 0x03 || type === 0x04) return bytes.readInt32LE(at);
  if (type === 0x05) return 5 + bytes.readInt32LE(at);
  if (type === 0x07) return 12;
  if (type === 0x08) return 1;
  if (type === 0x10) return 4;
  // A pattern and its options.
  if (type === 0x0b) return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at;
  return type === 0x0a || type === 0x7f || type === 0xff ? 0 : 8;
}

/** Turns what was read into the form that {@link Doc} describes, in place. */
function canonical(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) {
    check(value !== undefined, 'BadValue', 'the BSON type undefined is not supported');
    return value;
  }
  if (value instanceof bson.Int32) return value.value;
  if (value instanceof bson.Double) return double(value.value);
  // A timestamp is a long to this library.
  if (value instanceof bson.Long && !(value instanceof bson.Timestamp)) return value.toBigInt();
  check(depth < MAX_DEPTH, 'Overflow', `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH}`);
  if (Array.isArray(value)) return value.map((item) => canonical(item, depth + 1));
  if (isDoc(value)) {
    for (const key of Object.keys(value)) put(value, key, canonical(value[key], depth + 1));
    return value;
  }
  // A copy, as the bytes are a window on the whole message they came in.
  if (value instanceof bson.Binary) return new bson.Binary(Uint8Array.from(value.value()), value.sub_type);
  if (value instanceof Date) {
    check(!Number.isNaN(value.getTime()), 'BadValue', 'dates outside the range of years ±275760 are not supported');
    return value;
  }
  const type = String((value as { _bsontype?: unknown })._bsontype);
  check(
    RARE.some((one) => value instanceof one),
    'BadValue',
    `BSON type ${type} is not supported`,
  );
  return value;
}

/** Writes one BSON document. @throws BSONObjectTooLarge */
export function encode(doc: Doc): Buffer {
  let bytes: Uint8Array;
  try {
    bytes = bson.serialize(doc, { ignoreUndefined: false });
  } catch (error) {
    if (error instanceof RangeError) throw new MongoError('BSONObjectTooLarge', 'BSONObj size is larger than 16 MiB');
    throw error;
  }
  check(bytes.length <= MAX_DOCUMENT_BYTES + 16_384, 'BSONObjectTooLarge', 'BSONObj size is larger than 16 MiB');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes a reply; the batch of its cursor, if it has one, holds documents that are encoded already. */
export function encodeReply(reply: Doc): Buffer {
  const { cursor, ...rest } = reply;
  const name = isDoc(cursor) ? Object.keys(cursor).find((key) => key.endsWith('Batch')) : undefined;
  if (!isDoc(cursor) || name === undefined) return encode(reply);
  const { [name]: batch, ...others } = cursor;
  const items = (batch as Buffer[]).flatMap((doc, i) => [elementHead(3, String(i)), doc]);
  const filled = documentOf([elementHead(4, name), documentOf(items), elementsOf(others)]);
  return documentOf([elementHead(3, 'cursor'), filled, elementsOf(rest)]);
}

function elementHead(type: number, name: string): Buffer {
  return Buffer.from(`${String.fromCharCode(type)}${name}\0`, 'latin1');
}

function elementsOf(doc: Doc): Buffer {
  return encode(doc).subarray(4, -1);
}

function documentOf(elements: Buffer[]): Buffer {
  const size = Buffer.alloc(4);
  const bytes = Buffer.concat([size, ...elements, Buffer.alloc(1)]);
  bytes.writeInt32LE(bytes.length);
  return bytes;
}
