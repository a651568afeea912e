import { encode } from './codec.js';
import type { Doc } from './values.js';

/**
 * What can happen, by its number on disk, and the documents that tell of it:
 *
 * | op | documents |
 * |---|---|
 * | create, name | { db, name, uuid }; `name` is of a collection that only the history knows |
 * | index | the specification |
 * | unindex | { name } |
 * | insert, replace, load | the document; `load` is no event |
 * | update | the document, its updateDescription |
 * | delete | { _id } |
 * | drop | |
 * | dropDatabase | { db } |
 * | retry | { session, txn }, the reply |
 * | closed | |
 * | end | { identity, next, seq, at }: a rewritten file is complete |
 */
const OPS = [
  ...['', 'create', 'name', 'index', 'unindex', 'insert', 'replace', 'load', 'update', 'delete', 'drop'],
  ...['dropDatabase', 'retry', 'end', 'closed'],
] as const;
const PAST = 0x80;
const HEAD_BYTES = 17;

export type Op = (typeof OPS)[number];

/** One change as it is written down: op u8 | collection u32 | event u48 | milliseconds u48, and BSON documents. */
export interface ChangeRecord {
  op: Op;
  /** The number of the collection, or 0. */
  c: number;
  /** The number of its event, or 0 if it is none. */
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  docs: Buffer[];
}

/** A record that is no event. */
export function plain(op: Op, c: number, ...docs: Doc[]): ChangeRecord {
  return { op, c, seq: 0, at: Date.now(), docs: docs.map(encode) };
}

export function encodeRecord({ op, c, seq, at, docs }: ChangeRecord): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(OPS.indexOf(op), 0);
  head.writeUInt32BE(c, 1);
  head.writeUIntBE(seq, 5, 6);
  head.writeUIntBE(at, 11, 6);
  return Buffer.concat([head, ...docs]);
}

/** Reads what {@link encodeRecord} wrote; the documents are windows on it. */
export function decodeRecord(bytes: Buffer): ChangeRecord {
  const docs: Buffer[] = [];
  for (let at = HEAD_BYTES; at < bytes.length; at += bytes.readInt32LE(at))
    docs.push(bytes.subarray(at, at + bytes.readInt32LE(at)));
  const op = OPS[bytes.readUInt8(0) & ~PAST] ?? '';
  return { op, c: collectionOf(bytes), seq: seqOf(bytes), at: timeOf(bytes), docs };
}

/** The number of the collection of a record. */
export function collectionOf(bytes: Buffer): number {
  return bytes.readUInt32BE(1);
}

/** The number of the event of a record. */
export function seqOf(bytes: Buffer): number {
  return bytes.readUIntBE(5, 6);
}

/** When a record was made. */
export function timeOf(bytes: Buffer): number {
  return bytes.readUIntBE(11, 6);
}

/** Whether a record only tells of an event whose effect the file holds already. */
export function isPast(bytes: Buffer): boolean {
  return (bytes.readUInt8(0) & PAST) !== 0;
}

/** A record as one of the past, for a rewritten file. */
export function asPast(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(0) | PAST, 0);
  return copy;
}
