import { Binary, UUID } from 'bson';
import { decode, encode } from './codec.js';
import { Collection } from './collection.js';
import { check } from './errors.js';
import { Index } from './index-keys.js';
import { History, type HistoryLimits } from './history.js';
import { toNumber, type Numeric } from './numbers.js';
import { orderKey } from './order.js';
import {
  asPast,
  collectionOf,
  decodeRecord,
  encodeRecord,
  isPast,
  plain,
  type ChangeRecord,
  type Op,
} from './records.js';
import { keepDecoded, Stored } from './stored.js';
import type { Doc } from './values.js';

/** Takes back one change. */
export type Undo = () => void;

interface Retry {
  txn: bigint;
  reply: Buffer;
  at: number;
}

interface Namespace {
  db: string;
  name: string;
}

/** Everything the data file says, in memory. It changes by records only, at run time as at a start. */
export class Store {
  readonly collections = new Map<string, Collection>();
  private readonly byNumber = new Map<number, Collection>();
  /** The names of all collections, also of those that are gone. */
  readonly names = new Map<number, Namespace>();
  readonly retries = new Map<string, Retry>();
  readonly history: History;
  private nextNumber = 1;
  /** Whether the command that runs can run later as well. */
  mayWait: () => boolean = () => false;
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

  /**
   * Carries out a record that was checked before.
   * @param doc the first document of the record, where it is at hand
   */
  apply(bytes: Buffer, doc?: Doc): Undo {
    const record = decodeRecord(bytes);
    const handler = this.handlers[record.op];
    check(handler, 'InternalError', 'unknown record');
    const undo = isPast(bytes) ? nothing : handler(record, doc);
    if (record.seq === 0) return undo;
    this.history.push(bytes);
    return () => {
      this.history.pop();
      undo();
    };
  }

  private readonly put: Handler = (record, doc) => {
    const collection = this.numbered(record);
    const bytes = record.docs[0] as Buffer;
    const { _id: id } = doc ?? decode(bytes, ID);
    const stored = new Stored(orderKey(id), bytes);
    const old = collection.docs.get(stored.id);
    collection.store(stored, doc);
    if (doc) keepDecoded(stored, doc);
    return () => (old ? collection.store(old) : collection.remove(stored.id));
  };

  private readonly handlers: Partial<Record<Op, Handler>> = {
    create: (record) => this.create(record),
    name: (record) => {
      this.names.set(record.c, namespaceOf(record));
      return nothing;
    },
    index: (record) => {
      const collection = this.numbered(record);
      const index = new Index(first(record), collection.docs, () => this.mayWait());
      return this.setIndexes(collection, [...collection.indexes, index]);
    },
    unindex: (record) => {
      const collection = this.numbered(record);
      const gone = first(record)['name'];
      return this.setIndexes(
        collection,
        collection.indexes.filter(({ name }) => name !== gone),
      );
    },
    insert: this.put,
    update: this.put,
    replace: this.put,
    load: this.put,
    delete: (record) => this.remove(this.numbered(record), orderKey(first(record)['_id'])),
    drop: (record) => this.drop(this.numbered(record)),
    dropDatabase: () => nothing,
    closed: () => nothing,
    retry: (record) => this.retry(record),
    end: (record) => {
      const { identity, next, seq, at } = first(record);
      this.complete = true;
      this.identity = String(identity);
      this.nextNumber = Math.max(this.nextNumber, Number(next));
      this.history.continueAfter(Number(seq), Number(at));
      return nothing;
    },
  };

  private numbered({ c }: ChangeRecord): Collection {
    const collection = this.byNumber.get(c);
    check(collection, 'InternalError', `record of an unknown collection ${c}`);
    return collection;
  }

  private create(record: ChangeRecord): Undo {
    const { c } = record;
    const { db, name } = namespaceOf(record);
    const collection = new Collection(c, db, name, first(record)['uuid'] as Binary);
    this.names.set(c, { db, name });
    this.attach(collection);
    this.nextNumber = Math.max(this.nextNumber, c + 1);
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

  private setIndexes(collection: Collection, indexes: readonly Index[]): Undo {
    const before = collection.indexes;
    collection.indexes = indexes;
    return () => (collection.indexes = before);
  }

  private remove(collection: Collection, id: string): Undo {
    const old = collection.docs.get(id);
    collection.remove(id);
    return () => {
      if (old) collection.store(old);
    };
  }

  private retry(record: ChangeRecord): Undo {
    const { session, txn } = first(record);
    const key = String(session);
    const before = this.retries.get(key);
    // Kept in the order of use, so that the oldest are found first when they expire.
    this.retries.delete(key);
    const number = BigInt(toNumber(txn as Numeric));
    this.retries.set(key, { txn: number, reply: record.docs[1] as Buffer, at: record.at });
    return () => (before ? this.retries.set(key, before) : this.retries.delete(key));
  }

  /** Everything that is there now as records, encoded one by one: what a rewritten file starts with. */
  records(): Generator<Buffer> {
    const { identity, history, nextNumber: next } = this;
    const events = history.after(0);
    const told = new Set(events.map(collectionOf));
    const small: ChangeRecord[] = [];
    for (const [c, { db, name }] of this.names) {
      if (this.byNumber.has(c)) continue;
      if (told.has(c)) small.push(plain('name', c, { db, name }));
      else this.names.delete(c);
    }
    for (const [session, { txn, reply, at }] of this.retries)
      small.push({ op: 'retry', c: 0, seq: 0, at, docs: [encode({ session, txn }), reply] });
    const collections = [...this.collections.values()].map(({ number: c, db, name, uuid, indexes, docs }) => {
      small.push(plain('create', c, { db, name, uuid }), ...indexes.map(({ spec }) => plain('index', c, spec)));
      return { c, docs: [...docs.values()] };
    });
    const end = plain('end', 0, { identity, next, seq: history.last, at: history.now() });
    return (function* () {
      for (const record of small) yield encodeRecord(record);
      for (const { c, docs } of collections)
        for (const { bytes } of docs) yield encodeRecord({ op: 'load', c, seq: 0, at: 0, docs: [bytes] });
      for (const event of events) yield asPast(event);
      yield encodeRecord(end);
    })();
  }
}

const ID: ReadonlySet<string> = new Set(['_id']);

type Handler = (record: ChangeRecord, doc?: Doc) => Undo;

const nothing: Undo = () => undefined;

function first({ docs: [bytes] }: ChangeRecord): Doc {
  return bytes ? decode(bytes) : {};
}

function namespaceOf(record: ChangeRecord): Namespace {
  const { db, name } = first(record);
  return { db: String(db), name: String(name) };
}
