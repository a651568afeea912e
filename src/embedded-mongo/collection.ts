import type { Binary } from 'bson';
import { Index, duplicate } from './index-keys.js';
import { orderKey } from './order.js';
import type { Stored } from './stored.js';
import type { Doc } from './values.js';

/** The documents of one collection and their indexes, in memory. */
export class Collection {
  /** By the order key of `_id`; iteration is the natural order. */
  readonly docs = new Map<string, Stored>();
  /** Set as a whole, and never changed. */
  indexes: readonly Index[] = [];
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

  /** Stores a checked document, new or in place of the one with its `_id`; `now` where it is at hand. */
  store(stored: Stored, now?: Doc): void {
    const { id, bytes } = stored;
    const old = this.docs.get(id);
    for (const index of this.indexes)
      if (index.inUse) index.replace(id, old?.pick(index.reads), now ?? stored.pick(index.reads));
    this.docs.set(id, stored);
    this.bytes += bytes.length - (old?.bytes.length ?? 0);
  }

  remove(id: string): void {
    const old = this.docs.get(id);
    if (!old) return;
    for (const index of this.indexes) if (index.inUse) index.replace(id, old.pick(index.reads), undefined);
    this.docs.delete(id);
    this.bytes -= old.bytes.length;
  }

  /** All indexes as `listIndexes` shows them. */
  indexSpecs(): Doc[] {
    return [{ v: 2, key: { _id: 1 }, name: '_id_' }, ...this.indexes.map((index) => index.spec)];
  }
}
