import type { Binary } from 'bson';
import { Index, duplicate } from './index-keys.js';
import { orderKey } from './order.js';
import { fieldsOf } from './matcher.js';
import type { Stored } from './stored.js';
import { isDoc, type Doc } from './values.js';

/** The documents of one collection and their indexes, in memory. */
export class Collection {
  /** By the order key of `_id`; iteration is the natural order. */
  readonly docs = new Map<string, Stored>();
  private list: Index[] = [];
  /** The fields that some index looks at; all when undefined. */
  fields: ReadonlySet<string> | undefined = new Set(['_id']);
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

  get indexes(): Index[] {
    return this.list;
  }

  set indexes(indexes: Index[]) {
    this.list = indexes;
    const keyed = Object.fromEntries(indexes.flatMap(({ fields }) => fields.map(({ name }) => [name, 1])));
    this.fields = fieldsOf({
      _id: 1,
      ...keyed,
      $and: indexes.map(({ spec }) => spec['partialFilterExpression']).filter(isDoc),
    });
  }

  /** Throws E11000 if the document cannot be stored, as a new one or in place of the one with key `replacing`. */
  check(doc: Doc, replacing?: string): void {
    const id = orderKey(doc['_id']);
    if (replacing === undefined && this.docs.has(id)) {
      throw duplicate(this.namespace, { name: '_id_', spec: { key: { _id: 1 } } }, [doc['_id']]);
    }
    for (const index of this.indexes) index.checkUnique(index.keysOf(doc), id, this.namespace);
  }

  /**
   * Stores a checked document, new or in place of the one with its `_id`.
   * @param now at least those of its fields that indexes look at
   */
  store(stored: Stored, now = stored.pick(this.fields)): void {
    const { id } = stored;
    const old = this.docs.get(id);
    const before = old?.pick(this.fields);
    for (const index of this.indexes) {
      const keys = index.keysOf(now);
      const had = before ? index.keysOf(before) : [];
      if (had.length === keys.length && had.every(({ key }, i) => key === keys[i]?.key)) continue;
      index.remove(had, id);
      index.add(keys, id);
    }
    this.docs.set(id, stored);
    this.bytes += stored.bytes.length - (old?.bytes.length ?? 0);
  }

  remove(id: string): void {
    const old = this.docs.get(id);
    if (!old) return;
    const before = old.pick(this.fields);
    for (const index of this.indexes) index.remove(index.keysOf(before), id);
    this.docs.delete(id);
    this.bytes -= old.bytes.length;
  }

  /** Builds an index over what is there. @throws E11000 if the documents do not allow it; nothing is changed then. */
  buildIndex(spec: Doc): Index {
    const index = new Index(spec);
    for (const [id, stored] of this.docs) {
      const keys = index.keysOf(stored.pick(undefined));
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
