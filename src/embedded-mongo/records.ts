import { decode, encode, type Doc } from './values.js';

/**
 * One change as it is written down. `meta` says what happened, `docs` holds the documents it needs:
 *
 * | op | meta | docs |
 * |---|---|---|
 * | create | c, db, name, uuid | |
 * | index, unindex | c | the specification; meta.name |
 * | insert | c, event | document |
 * | update, replace | c, event | document, updateDescription |
 * | delete | c, event | { _id } |
 * | drop | c, event | |
 * | dropDatabase | db, event | |
 * | retry | session, txn, at | reply |
 * | load, past, end | in a rewritten file only: a document, an event of the history, and its end | |
 */
export interface ChangeRecord {
  op: string;
  meta: Doc;
  docs: Doc[];
}

/** A record as bytes: BSON documents one after the other. */
export function encodeRecord({ op, meta, docs }: ChangeRecord): Buffer {
  return Buffer.concat([{ op, ...meta }, ...docs].map(encode));
}

/** Reads what {@link encodeRecord} wrote. */
export function decodeRecord(bytes: Buffer): ChangeRecord {
  const all: Doc[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readInt32LE(at);
    all.push(decode(bytes.subarray(at, at + length)));
    at += length;
  }
  const [{ op, ...meta } = {}, ...docs] = all;
  return { op: String(op), meta, docs };
}
