import { checkDatabaseName } from '../database.js';
import { check, shown } from '../errors.js';
import { compileFilter } from '../matcher.js';
import type { Doc } from '../values.js';
import type { Collection } from '../collection.js';
import { arrayField, collectionName, collectionOf, flag, objectField, type Command, type Context } from './command.js';
import { firstBatch } from './find.js';

/** The collection a command is for. @throws NamespaceNotFound */
function existing(context: Context, command: Doc): Collection {
  const collection = collectionOf(context, command);
  check(collection, 'NamespaceNotFound', `ns not found ${context.db}.${collectionName(command)}`);
  return collection;
}

const create: Command = {
  fields: ['autoIndexId'],
  refused: [
    ...['capped', 'size', 'max', 'storageEngine', 'validator', 'validationLevel', 'validationAction', 'viewOn'],
    ...['pipeline', 'collation', 'timeseries', 'expireAfterSeconds', 'clusteredIndex', 'indexOptionDefaults'],
    ...['changeStreamPreAndPostImages', 'encryptedFields'],
  ],
  run: (context, command) => {
    const name = collectionName(command);
    const taken = context.database.find(context.db, name);
    check(!taken, 'NamespaceExists', `Collection ${context.db}.${name} already exists.`);
    context.database.ensure(context.db, name);
    return { ok: 1 };
  },
};

const drop: Command = {
  fields: [],
  run: (context, command) => {
    const collection = collectionOf(context, command);
    if (!collection) return { ok: 1 };
    context.database.drop(collection);
    return { nIndexesWas: collection.indexes.length + 1, ns: collection.namespace, ok: 1 };
  },
};

const dropDatabase: Command = {
  fields: [],
  run: (context) => {
    checkDatabaseName(context.db);
    context.database.dropDatabase(context.db);
    return { dropped: context.db, ok: 1 };
  },
};

const listCollections: Command = {
  fields: ['filter', 'nameOnly', 'cursor', 'authorizedCollections'],
  run: (context, command) => {
    const filter = compileFilter(objectField(command, 'filter'), context.variables);
    const idIndex = { v: 2, key: { _id: 1 }, name: '_id_' };
    const docs = context.database.store.collectionsOf(context.db).map(({ name, uuid }) => {
      const details = { options: {}, info: { readOnly: false, uuid }, idIndex };
      return { name, type: 'collection', ...(!flag(command, 'nameOnly') && details) };
    });
    const namespace = `${context.db}.$cmd.listCollections`;
    return firstBatch(context, namespace, docs.filter(filter), objectField(command, 'cursor'));
  },
};

const listDatabases: Command = {
  fields: ['filter', 'nameOnly', 'authorizedDatabases'],
  run: ({ database: { store }, variables }, command) => {
    const filter = compileFilter(objectField(command, 'filter'), variables);
    const sizes = new Map<string, number>();
    for (const { db, bytes } of store.collections.values()) sizes.set(db, (sizes.get(db) ?? 0) + bytes);
    const all = [...sizes].map(([name, size]) => ({ name, sizeOnDisk: BigInt(size), empty: false })).filter(filter);
    if (flag(command, 'nameOnly')) return { databases: all.map(({ name }) => ({ name })), ok: 1 };
    return { databases: all, totalSize: BigInt(store.bytes), ok: 1 };
  },
};

const createIndexes: Command = {
  fields: ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions'],
  run: (context, command) => {
    const indexes = arrayField(command, 'indexes');
    check(indexes.length > 0, 'BadValue', 'Must specify at least one index to create');
    const createdCollectionAutomatically = !collectionOf(context, command);
    const collection = context.database.ensure(context.db, collectionName(command));
    const numIndexesBefore = collection.indexes.length + 1;
    const created = indexes.filter((index) => context.database.createIndex(collection, index)).length;
    const numbers = { numIndexesBefore, numIndexesAfter: numIndexesBefore + created };
    const note = created === 0 && { note: 'all indexes already exist' };
    return { ...numbers, createdCollectionAutomatically, ...note, ok: 1 };
  },
};

const listIndexes: Command = {
  fields: ['cursor'],
  run: (context, command) => {
    const collection = existing(context, command);
    return firstBatch(context, collection.namespace, collection.indexSpecs(), objectField(command, 'cursor'));
  },
};

const dropIndexes: Command = {
  fields: ['index'],
  run: (context, command) => {
    const collection = existing(context, command);
    const nIndexesWas = collection.indexes.length + 1;
    const { index } = command;
    const wanted = Array.isArray(index) ? index : [index];
    check(!wanted.includes('_id_'), 'InvalidOptions', 'cannot drop _id index');
    const gone = collection.indexes.filter(
      ({ name, spec }) => index === '*' || wanted.some((one) => one === name || shown(one) === shown(spec['key'])),
    );
    const all = index === '*' || gone.length >= wanted.length;
    check(all, 'IndexNotFound', `index not found with name [${wanted.map(String).join(', ')}]`);
    for (const one of gone) context.database.dropIndex(collection, one);
    return { nIndexesWas, ok: 1 };
  },
};

/** Commands on databases, collections and indexes. */
export const catalog: Record<string, Command> = {
  ...{ create, drop, dropDatabase, listCollections, listDatabases },
  ...{ createIndexes, listIndexes, dropIndexes },
};
