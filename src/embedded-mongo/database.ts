import { UUID } from 'bson';
import type { Collection } from './collection.js';
import { describeUpdate } from './description.js';
import { check, shown } from './errors.js';
import { Index, readIndexSpec, sameIndex } from './index-keys.js';
import type { Journal } from './journal.js';
import { orderKey } from './order.js';
import type { Store } from './store.js';
import { encode } from './codec.js';
import { plain, type ChangeRecord, type Op } from './records.js';
import type { Stored } from './stored.js';
import { MAX_DOCUMENT_BYTES, type Doc } from './values.js';

/** Changes to the data, each checked as a whole and then written as one record. */
export class Database {
  readonly store: Store;

  /** @param maxBytes how many bytes of documents may be stored */
  constructor(
    readonly journal: Journal,
    private readonly maxBytes: number,
  ) {
    this.store = journal.store;
  }

  find(db: string, name: string): Collection | undefined {
    return this.store.collections.get(`${db}.${name}`);
  }

  /** The collection, made if it is not there yet. @throws InvalidNamespace */
  ensure(db: string, name: string): Collection {
    const found = this.find(db, name);
    if (found) return found;
    checkNamespace(db, name);
    this.journal.write(plain('create', this.store.newNumber, { db, name, uuid: new UUID() }));
    return this.find(db, name) as Collection;
  }

  /** Inserts a document that has its `_id`. @throws DuplicateKey */
  insert(collection: Collection, doc: Doc): void {
    collection.check(doc);
    const bytes = storable(doc);
    this.reserve(bytes.length);
    this.journal.write(this.event('insert', collection, bytes), doc);
  }

  /** Puts `after` in place of a document; answers whether they differ, be it in the type of a number. @throws DuplicateKey */
  change(collection: Collection, before: Stored, after: Doc, replaces: boolean): boolean {
    const bytes = storable(after);
    if (bytes.equals(before.bytes)) return false;
    collection.check(after, before.id);
    this.reserve(bytes.length - before.bytes.length);
    const record = replaces
      ? this.event('replace', collection, bytes)
      : this.event('update', collection, bytes, encode(describeUpdate(before.doc, after)));
    this.journal.write(record, after);
    return true;
  }

  delete(collection: Collection, { doc }: Stored): void {
    this.journal.write(this.event('delete', collection, encode({ _id: doc['_id'] })));
  }

  /** Builds an index. Answers whether there is a new one. @throws IndexOptionsConflict, IndexKeySpecsConflict, DuplicateKey */
  createIndex(collection: Collection, given: unknown): boolean {
    const spec = readIndexSpec(given);
    const { name, key } = spec;
    const keyed = shown(key);
    if (keyed === '{"_id":1}') return false;
    const existing = collection.indexes.find((index) => index.name === name);
    const alike = collection.indexes.find((index) => sameIndex(index.spec, spec));
    if (existing && existing === alike) return false;
    check(!existing, 'IndexKeySpecsConflict', `An existing index has the name of the requested one: ${String(name)}`);
    const sameKey = collection.indexes.find(
      (index) =>
        shown(index.spec['key']) === keyed &&
        orderKey(index.spec['partialFilterExpression']) === orderKey(spec['partialFilterExpression']),
    );
    check(!sameKey, 'IndexOptionsConflict', `Index already exists with a different name or options: ${sameKey?.name}`);
    check(collection.indexes.length < 63, 'CannotCreateIndex', 'add index fails, too many indexes');
    new Index(spec, collection.docs).checkDocuments(collection.namespace);
    this.journal.write(plain('index', collection.number, spec));
    return true;
  }

  dropIndex(collection: Collection, index: Index): void {
    this.journal.write(plain('unindex', collection.number, { name: index.name }));
  }

  drop(collection: Collection): void {
    this.journal.write(this.event('drop', collection));
  }

  dropDatabase(db: string): void {
    const collections = this.store.collectionsOf(db);
    if (collections.length === 0) return;
    for (const collection of collections) this.drop(collection);
    this.journal.write(this.event('dropDatabase', { number: 0 }, encode({ db })));
  }

  private reserve(bytes: number): void {
    const fits = bytes <= 0 || this.store.bytes + bytes <= this.maxBytes;
    check(fits, 'OutOfDiskSpace', `the database has reached its configured size of ${this.maxBytes} bytes`);
  }

  private event(op: Op, { number: c }: { number: number }, ...docs: Buffer[]): ChangeRecord {
    const { history } = this.store;
    return { op, c, seq: history.last + 1, at: history.now(), docs };
  }
}

function storable(doc: Doc): Buffer {
  const bytes = encode(doc);
  const message = `object to insert too large. size in bytes: ${bytes.length}, max size: ${MAX_DOCUMENT_BYTES}`;
  check(bytes.length <= MAX_DOCUMENT_BYTES, 'BSONObjectTooLarge', message);
  return bytes;
}

function checkNamespace(db: string, name: string): void {
  checkDatabaseName(db);
  const valid =
    name !== '' && !name.includes('\0') && !name.includes('$') && !name.startsWith('.') && !name.startsWith('system.');
  check(
    valid && Buffer.byteLength(`${db}.${name}`) <= 255,
    'InvalidNamespace',
    `Invalid namespace specified '${db}.${name}'`,
  );
}

/** @throws InvalidNamespace */
export function checkDatabaseName(db: unknown): asserts db is string {
  const valid = typeof db === 'string' && db !== '' && db.length < 64 && !/[/\\. "$\0]/.test(db);
  check(valid, 'InvalidNamespace', `Invalid database name: '${String(db)}'`);
}
