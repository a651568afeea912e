import { Binary, UUID } from 'bson';
import { Collection } from './collection.js';
import { check } from './errors.js';
import { History, type HistoryLimits } from './history.js';
import { Index } from './index-keys.js';
import { toNumber, type Numeric } from './numbers.js';
import { orderKey } from './order.js';
import type { ChangeRecord } from './records.js';
import type { Doc } from './values.js';

/** Takes back one change. */
export type Undo = () => void;

interface Retry {
  txn: bigint;
  reply: Doc;
  at: number;
}

/** Everything the data file says, in memory. It changes by records only, at run time as at a start. */
export class Store {
  readonly collections = new Map<string, Collection>();
  private readonly byNumber = new Map<number, Collection>();
  readonly retries = new Map<string, Retry>();
  readonly history: History;
  private nextNumber = 1;
  /** Whether a rewritten file was read to its end. */
  complete = false;
  /** Tells the resume tokens of this database from those of another. */
  identity = new UUID().toHexString(false).slice(0, 8);

  constructor(limits: HistoryLimits) {
    this.history = new History(limits);
  }

  /** BSON bytes of all documents. */
  get bytes(): number {
    let total = 0;
    for (const collection of this.collections.values()) total += collection.bytes;
    return total;
  }

  get newNumber(): number {
    return this.nextNumber;
  }

  collectionsOf(db: string): Collection[] {
    return [...this.collections.values()].filter((collection) => collection.db === db);
  }

  /** Carries out a record that was checked before. */
  apply(record: ChangeRecord): Undo {
    const handler = this.handlers[record.op];
    check(handler, 'InternalError', `unknown record ${record.op}`);
    const undo = handler(record);
    if (!record.meta['seq'] || record.op === 'past' || record.op === 'end') return undo;
    this.remember(record);
    return () => {
      this.history.pop();
      undo();
    };
  }

  private remember({ op, meta, docs }: ChangeRecord): void {
    const at = Number(meta['at']);
    const seq = Number(meta['seq']);
    const [db, collection] = [String(meta['db']), String(meta['collection'] ?? '')];
    const uuid = meta['uuid'] instanceof Binary ? meta['uuid'] : undefined;
    this.history.push({ seq, at, op, db, collection, uuid, docs });
  }

  private readonly handlers: Record<string, ((record: ChangeRecord) => Undo) | undefined> = {
    create: ({ meta }) => this.create(meta),
    index: ({ meta, docs: [spec = {}] }) => this.index(this.numbered(meta), spec),
    unindex: ({ meta }) => this.unindex(this.numbered(meta), String(meta['name'])),
    insert: ({ meta, docs: [doc = {}] }) => this.put(this.numbered(meta), doc),
    update: ({ meta, docs: [doc = {}] }) => this.put(this.numbered(meta), doc),
    replace: ({ meta, docs: [doc = {}] }) => this.put(this.numbered(meta), doc),
    load: ({ meta, docs: [doc = {}] }) => this.put(this.numbered(meta), doc),
    delete: ({ meta, docs: [key = {}] }) => this.remove(this.numbered(meta), key),
    drop: ({ meta }) => this.drop(this.numbered(meta)),
    dropDatabase: () => () => undefined,
    retry: ({ meta, docs: [reply = {}] }) => this.retry(meta, reply),
    past: (record) => {
      this.remember({ ...record, op: String(record.meta['kind']) });
      return () => undefined;
    },
    end: ({ meta }) => {
      this.complete = true;
      this.identity = String(meta['identity']);
      this.nextNumber = Math.max(this.nextNumber, Number(meta['next']));
      this.history.continueAfter(Number(meta['seq']), Number(meta['at']));
      return () => undefined;
    },
  };

  private numbered(meta: Doc): Collection {
    const collection = this.byNumber.get(Number(meta['c']));
    check(collection, 'InternalError', `record of an unknown collection ${String(meta['c'])}`);
    return collection;
  }

  private create(meta: Doc): Undo {
    const number = Number(meta['c']);
    const collection = new Collection(number, String(meta['db']), String(meta['collection']), meta['uuid'] as Binary);
    this.attach(collection);
    this.nextNumber = Math.max(this.nextNumber, number + 1);
    return () => this.detach(collection);
  }

  private attach(collection: Collection): void {
    this.collections.set(collection.namespace, collection);
    this.byNumber.set(collection.number, collection);
  }

  private detach(collection: Collection): void {
    this.collections.delete(collection.namespace);
    this.byNumber.delete(collection.number);
  }

  private drop(collection: Collection): Undo {
    this.detach(collection);
    return () => this.attach(collection);
  }

  private index(collection: Collection, spec: Doc): Undo {
    const before = collection.indexes;
    collection.indexes = [...before, collection.buildIndex(spec)];
    return () => (collection.indexes = before);
  }

  private unindex(collection: Collection, name: string): Undo {
    const gone = collection.indexes.filter((index: Index) => index.name === name);
    collection.indexes = collection.indexes.filter((index) => index.name !== name);
    return () => {
      collection.indexes = [...collection.indexes, ...gone.map((index) => collection.buildIndex(index.spec))];
    };
  }

  private put(collection: Collection, doc: Doc): Undo {
    const id = orderKey(doc['_id']);
    const old = collection.docs.get(id);
    collection.store(doc);
    return () => (old ? collection.store(old) : collection.remove(id));
  }

  private remove(collection: Collection, key: Doc): Undo {
    const id = orderKey(key['_id']);
    const old = collection.docs.get(id);
    collection.remove(id);
    return () => {
      if (old) collection.store(old);
    };
  }

  private retry(meta: Doc, reply: Doc): Undo {
    const session = String(meta['session']);
    const before = this.retries.get(session);
    const txn = BigInt(toNumber(meta['txn'] as Numeric));
    // Kept in the order of use, so that the oldest are found first when they expire.
    this.retries.delete(session);
    this.retries.set(session, { txn, reply, at: Number(meta['at']) });
    return () => (before ? this.retries.set(session, before) : this.retries.delete(session));
  }

  /** Everything as records: what a rewritten file starts with. */
  *records(): Generator<ChangeRecord> {
    const { identity, history } = this;
    for (const collection of this.collections.values()) {
      const { number: c, db, name, uuid } = collection;
      yield { op: 'create', meta: { c, db, collection: name, uuid }, docs: [] };
      for (const { spec } of collection.indexes) yield { op: 'index', meta: { c }, docs: [spec] };
      for (const doc of collection.docs.values()) yield { op: 'load', meta: { c }, docs: [doc] };
    }
    for (const [session, { txn, reply, at }] of this.retries)
      yield { op: 'retry', meta: { session, txn, at }, docs: [reply] };
    yield* history.records();
    yield { op: 'end', meta: { seq: history.last, at: history.now(), next: this.nextNumber, identity }, docs: [] };
  }
}
