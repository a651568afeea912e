import { check, MongoError, shown } from './errors.js';
import { compileFilter, fieldsOf, type Predicate } from './matcher.js';
import { isNumeric, toNumber } from './numbers.js';
import { equal } from './order.js';
import { EMPTY_ARRAY, leafKey, leavesAt } from './leaves.js';
import { SortedKeys } from './sorted-keys.js';
import type { Stored } from './stored.js';
import { isDoc, type Doc } from './values.js';

const OPTIONS = [
  ...['v', 'key', 'name', 'unique', 'sparse', 'background'],
  ...['partialFilterExpression', 'expireAfterSeconds'],
];

/** Documents whose entries take more than a moment to make. */
const LARGE = 500;

/** One key of a document in an index, with the leaves it stands for. */
export interface IndexKey {
  key: string;
  leaves: unknown[];
}

function keyOf(leaves: unknown[]): IndexKey {
  return { key: leaves.map(leafKey).join(''), leaves };
}

/** A command needs an index that is not complete, and may wait until it is. */
export class IndexPending extends Error {
  constructor(readonly index: Index) {
    super(`index ${index.name} is not complete`);
  }
}

/** An index: unique, sparse, partial or TTL, on one or more fields, in memory. */
export class Index {
  readonly name: string;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly fields: { name: string; path: string[] }[];
  readonly covers: Predicate | undefined;
  /** The fields that it looks at; all when undefined. */
  readonly reads: ReadonlySet<string> | undefined;
  /** Seconds after which documents expire, for a TTL index. */
  readonly expireAfterSeconds: number | undefined;
  private readonly entries = new SortedKeys();
  private several = false;
  /** Documents that have no entries yet, besides those that are changed meanwhile; undefined before the first is asked for. */
  private rest: Iterator<[string, Stored], undefined> | undefined;
  /** Whether every document has its entries. */
  complete = false;

  /**
   * @param docs what it is over, by the order key of `_id`
   * @param mayWait whether who needs it now can do so later; else it is completed at once
   */
  constructor(
    readonly spec: Doc,
    private readonly docs: ReadonlyMap<string, Stored>,
    private readonly mayWait: () => boolean = () => false,
  ) {
    this.name = String(spec['name']);
    this.unique = spec['unique'] === true;
    this.sparse = spec['sparse'] === true;
    this.fields = Object.keys(spec['key'] as Doc).map((name) => ({ name, path: name.split('.') }));
    const partial = spec['partialFilterExpression'];
    this.reads = fieldsOf({ ...(spec['key'] as Doc), ...(isDoc(partial) ? { $and: [partial] } : {}) });
    this.covers = partial ? compileFilter(partial, {}) : undefined;
    const seconds = spec['expireAfterSeconds'];
    this.expireAfterSeconds = isNumeric(seconds) ? toNumber(seconds) : undefined;
  }

  /**
   * Its entries, made when they are first asked for: a start does not wait for all of them.
   * @throws IndexPending, CannotIndexParallelArrays for an index that is not complete yet
   */
  get keys(): SortedKeys {
    if (!this.complete && this.docs.size > LARGE && this.mayWait()) throw new IndexPending(this);
    this.make(Infinity);
    return this.entries;
  }

  /**
   * Makes the entries of so many documents at most, in the order of the documents. Those that are changed before it is their
   * turn have theirs already, and new ones come last.
   * @throws CannotIndexParallelArrays
   */
  make(documents: number): void {
    if (this.complete) return;
    this.rest ??= this.docs.entries();
    for (let made = 0; made < documents; made++) {
      const { value } = this.rest.next();
      if (value === undefined) {
        this.complete = true;
        return;
      }
      const [id, stored] = value;
      this.add(id, this.keysOf(stored.pick(this.reads)));
    }
  }

  /** Whether some document has several keys here. */
  get multikey(): boolean {
    void this.keys;
    return this.several;
  }

  /** The keys of a document here: none if a sparse or partial index leaves it out. @throws CannotIndexParallelArrays */
  keysOf(doc: Doc): IndexKey[] {
    if (this.covers && !this.covers(doc)) return [];
    const columns = this.fields.map(({ path }) => leavesAt(doc, path));
    if (this.sparse && columns.every(({ values }) => values.length === 1 && values[0] === undefined)) return [];
    const arrays = columns.filter(({ array }) => array).length;
    check(arrays <= 1, 'CannotIndexParallelArrays', 'cannot index parallel arrays');
    if (arrays === 0) return [keyOf(columns.map(({ values }) => values[0]))];
    const rows = columns.reduce<unknown[][]>(
      (before, { values }) => before.flatMap((row) => values.map((value) => [...row, value])),
      [[]],
    );
    return [...new Map(rows.map(keyOf).map((row) => [row.key, row])).values()];
  }

  /** Throws E11000 if another document already has one of these keys. */
  checkUnique(keys: IndexKey[], id: string, namespace: string): void {
    if (!this.unique) return;
    for (const { key, leaves } of keys) {
      if (this.keys.idsOf(key).some((other) => other !== id)) throw duplicate(namespace, this, leaves);
    }
  }

  /** Whether changes of documents have to be taken up. */
  get inUse(): boolean {
    return this.rest !== undefined;
  }

  /** Takes up that a document is there, as `now`, where it was not or was `before`. */
  replace(id: string, before: Doc | undefined, now: Doc | undefined): void {
    if (!this.inUse) return;
    const had = before ? this.keysOf(before) : [];
    const has = now ? this.keysOf(now) : [];
    if (had.length === has.length && had.every(({ key }, i) => key === has[i]?.key)) return;
    for (const { key } of had) this.entries.remove(key, id);
    this.add(id, has);
  }

  /** @throws E11000 if two documents have one key, CannotIndexParallelArrays */
  checkDocuments(namespace: string): void {
    for (const [id, stored] of this.unique ? this.docs : [])
      this.checkUnique(this.keysOf(stored.pick(this.reads)), id, namespace);
    void this.keys;
  }

  private add(id: string, keys: readonly IndexKey[]): void {
    if (keys.length > 1) this.several = true;
    for (const { key } of keys) this.entries.add(key, id);
  }
}

/** E11000 as drivers expect it. */
export function duplicate(namespace: string, index: { name: string; spec: Doc }, leaves: unknown[]): MongoError {
  const values = leaves.map((leaf) => (leaf === EMPTY_ARRAY ? [] : (leaf ?? null)));
  const keyPattern = index.spec['key'] as Doc;
  const keyValue = Object.fromEntries(Object.keys(keyPattern).map((name, i) => [name, values[i]]));
  const pairs = Object.entries(keyValue).map(([name, value]) => `${name}: ${shown(value)}`);
  const message = `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${pairs.join(', ')} }`;
  return new MongoError('DuplicateKey', message, { keyPattern, keyValue });
}

/** Reads an index specification. @throws CannotCreateIndex, InvalidOptions for what is not served. */
export function readIndexSpec(given: unknown): Doc {
  check(isDoc(given), 'TypeMismatch', 'each index must be an object');
  const { key, sparse, partialFilterExpression: partial, expireAfterSeconds: seconds } = given;
  check(isDoc(key) && Object.keys(key).length > 0, 'CannotCreateIndex', 'Index keys cannot be an empty object');
  for (const [field, direction] of Object.entries(key)) {
    const plain = isNumeric(direction) && toNumber(direction) !== 0;
    check(plain, 'CannotCreateIndex', `Index kind '${String(direction)}' of field '${field}' is not supported`);
    const valid = !field.split('.').some((name) => name === '' || name.startsWith('$'));
    check(valid, 'CannotCreateIndex', `Index key contains an illegal field name: '${field}'`);
  }
  const unknown = Object.keys(given).find((option) => !OPTIONS.includes(option));
  check(!unknown, 'InvalidOptions', `The index option '${unknown}' is not supported`);
  if (seconds !== undefined) {
    const fits = isNumeric(seconds) && toNumber(seconds) >= 0 && toNumber(seconds) <= 2 ** 31 - 1;
    check(fits, 'CannotCreateIndex', 'TTL index expireAfterSeconds must be within 0 and 2147483647');
    check(Object.keys(key).length === 1, 'CannotCreateIndex', 'compound indexes do not support TTL');
  }
  check(sparse !== true || !partial, 'CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
  if (partial !== undefined) compileFilter(partial, {});
  const ofFields = Object.entries(key).map(([field, direction]) => `${field}_${String(direction)}`);
  const spec: Doc = { v: 2, key, name: given['name'] ?? ofFields.join('_') };
  for (const option of ['unique', 'sparse']) if (given[option] === true) spec[option] = true;
  if (partial !== undefined) spec['partialFilterExpression'] = partial;
  if (seconds !== undefined) spec['expireAfterSeconds'] = seconds;
  return spec;
}

/** Whether two specifications make the same index. */
export function sameIndex(a: Doc, b: Doc): boolean {
  return equal({ ...a, name: '' }, { ...b, name: '' });
}
