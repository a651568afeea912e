import type { Binary } from 'bson';
import { Index, duplicate } from './index-keys.js';
import { orderKey } from './order.js';
import { sizeOf, type Doc } from './values.js';

/** A document found, with the key it is kept under. */
export interface Found {
  id: string;
  doc: Doc;
}

/** The documents of one collection and their indexes, in memory. Documents are never changed in place. */
export class Collection {
  /** By the order key of `_id`; iteration is the natural order. */
  readonly docs = new Map<string, Doc>();
  indexes: Index[] = [];
  bytes = 0;

  constructor(
    readonly number: number,
    readonly db: string,
    readonly name: string,
    readonly uuid: Binary,
  ) {}

  get namespace(): string {
    return `${this.db}.${this.name}`;
  }

  /** Throws E11000 if the document cannot be stored, as a new one or in place of the one with key `replacing`. */
  check(doc: Doc, replacing?: string): void {
    const id = orderKey(doc['_id']);
    if (replacing === undefined && this.docs.has(id)) {
      throw duplicate(this.namespace, { name: '_id_', spec: { key: { _id: 1 } } }, [doc['_id']]);
    }
    for (const index of this.indexes) index.checkUnique(index.keysOf(doc), id, this.namespace);
  }

  /** Stores a checked document, new or in place of the one with its `_id`. */
  store(doc: Doc): void {
    const id = orderKey(doc['_id']);
    const old = this.docs.get(id);
    for (const index of this.indexes) {
      const keys = index.keysOf(doc);
      const had = old ? index.keysOf(old) : [];
      if (had.length === keys.length && had.every(({ key }, i) => key === keys[i]?.key)) continue;
      index.remove(had, id);
      index.add(keys, id);
    }
    this.docs.set(id, doc);
    this.bytes += sizeOf(doc) - (old ? sizeOf(old) : 0);
  }

  remove(id: string): void {
    const old = this.docs.get(id);
    if (!old) return;
    for (const index of this.indexes) index.remove(index.keysOf(old), id);
    this.docs.delete(id);
    this.bytes -= sizeOf(old);
  }

  /** Builds an index over what is there. @throws E11000 if the documents do not allow it; nothing is changed then. */
  buildIndex(spec: Doc): Index {
    const index = new Index(spec);
    for (const [id, doc] of this.docs) {
      const keys = index.keysOf(doc);
      index.checkUnique(keys, id, this.namespace);
      index.add(keys, id);
    }
    return index;
  }

  /** All indexes as `listIndexes` shows them. */
  indexSpecs(): Doc[] {
    return [{ v: 2, key: { _id: 1 }, name: '_id_' }, ...this.indexes.map((index) => index.spec)];
  }
}
