import {
  Binary,
  BSONRegExp,
  deserialize,
  MaxKey,
  MinKey,
  ObjectId,
  onDemand,
  serialize,
  Timestamp,
  type OnDemand,
} from 'bson';

import { check, MongoError } from './errors.js';
import { double, isDoc, MAX_DOCUMENT_BYTES, put, type Doc } from './values.js';

/** Deeper than any stored document: a command holds one a few levels down. */
const MAX_DEPTH = 200;
const { parseToElements, ByteUtils } = onDemand;
type BSONElement = OnDemand['BSONElement'];

/**
 * Reads one BSON document.
 * @param fields the fields to read; all when undefined
 * @throws InvalidBSON, Overflow, or BadValue for a type that is not served
 */
export function decode(bytes: Buffer, fields?: ReadonlySet<string>): Doc {
  try {
    check(bytes.length >= 5 && bytes.readInt32LE(0) === bytes.length, 'InvalidBSON', 'BSON size is not its length');
    return readDocument(bytes, 0, 0, fields);
  } catch (error) {
    if (error instanceof MongoError) throw error;
    throw new MongoError('InvalidBSON', error instanceof Error ? error.message : 'invalid BSON');
  }
}

function readDocument(bytes: Buffer, at: number, depth: number, fields?: ReadonlySet<string>): Doc {
  const doc: Doc = {};
  for (const element of parseToElements(bytes, at)) {
    const name = readName(bytes, element[1], element[2]);
    if (!fields || fields.has(name)) put(doc, name, readValue(bytes, element, depth));
  }
  return doc;
}

const names = new Map<number, string>();
const MAX_NAMES = 1_000;

/** A field name: the same few come again and again, and need not be made anew. */
function readName(bytes: Buffer, at: number, length: number): string {
  const middle = bytes[at + (length >> 1)] ?? 0;
  const hash = (length << 16) ^ ((bytes[at] ?? 0) << 8) ^ (middle << 3) ^ (bytes[at + length - 1] ?? 0);
  const known = names.get(hash);
  if (known?.length === length) {
    let same = 0;
    while (same < length && known.charCodeAt(same) === bytes[at + same]) same++;
    if (same === length) return known;
  }
  const name = ByteUtils.toUTF8(bytes, at, at + length, true);
  if (length < 64 && (known !== undefined || names.size < MAX_NAMES)) names.set(hash, name);
  return name;
}

function readValue(bytes: Buffer, element: BSONElement, depth: number): unknown {
  const start = element[3];
  const end = start + element[4];
  switch (element[0]) {
    case 1:
      return double(bytes.readDoubleLE(start));
    case 2:
      check(bytes[end - 1] === 0, 'InvalidBSON', 'a string does not end with NUL');
      return ByteUtils.toUTF8(bytes, start + 4, end - 1, true);
    case 3:
    case 4:
      check(depth < MAX_DEPTH, 'Overflow', `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH}`);
      return element[0] === 3 ? readDocument(bytes, start, depth + 1) : readArray(bytes, start, depth + 1);
    case 8:
      return bytes[start] === 1;
    case 9: {
      const date = new Date(bytes.readInt32LE(start + 4) * 2 ** 32 + bytes.readUInt32LE(start));
      check(!Number.isNaN(date.getTime()), 'BadValue', 'dates outside the range of years ±275760 are not supported');
      return date;
    }
    case 10:
      return null;
    case 16:
      return bytes.readInt32LE(start);
    case 18:
      return bytes.readBigInt64LE(start);
    default:
      return readRare(bytes.subarray(element[1] - 1, end));
  }
}

function readArray(bytes: Buffer, at: number, depth: number): unknown[] {
  const items: unknown[] = [];
  for (const element of parseToElements(bytes, at)) items.push(readValue(bytes, element, depth));
  return items;
}

function readRare(element: Buffer): unknown {
  const [value]: unknown[] = Object.values(
    deserialize(documentOf([element]), { promoteValues: false, promoteLongs: false, bsonRegExp: true }),
  );
  // A copy, as the bytes are a window on the whole message they came in.
  if (value instanceof Binary) return new Binary(Uint8Array.from(value.value()), value.sub_type);
  const kept = [ObjectId, Timestamp, BSONRegExp, MinKey, MaxKey].some((one) => value instanceof one);
  const type = (value as { _bsontype?: unknown } | undefined)?._bsontype;
  check(kept, 'BadValue', `BSON type ${String(type)} is not supported`);
  return value;
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
