import { check, shown } from '../errors.js';
import { compileFilter } from '../matcher.js';
import type { Doc } from '../values.js';
import { checkDatabaseName } from '../database.js';
import {
  arrayField,
  collectionName,
  collectionOf,
  flag,
  objectField,
  refuse,
  type Command,
  type Context,
} from './command.js';
import { batchSizeOf, firstBatch } from './find.js';

function missing(context: Context, command: Doc): string {
  return `ns not found ${context.db}.${collectionName(command)}`;
}

const create: Command = {
  fields:
    'capped size max storageEngine validator validationLevel validationAction indexOptionDefaults viewOn pipeline collation timeseries expireAfterSeconds clusteredIndex changeStreamPreAndPostImages encryptedFields autoIndexId'.split(
      ' ',
    ),
  run: (context, command) => {
    refuse(
      command,
      create.fields.filter((field) => field !== 'collation' && field !== 'autoIndexId'),
    );
    const name = collectionName(command);
    check(
      !context.database.find(context.db, name),
      'NamespaceExists',
      `Collection ${context.db}.${name} already exists.`,
    );
    context.database.ensure(context.db, name);
    return { ok: 1 };
  },
};

const drop: Command = {
  fields: [],
  run: (context, command) => {
    const collection = collectionOf(context, command);
    if (!collection) return { ok: 1 };
    const nIndexesWas = collection.indexes.length + 1;
    context.database.drop(collection);
    return { nIndexesWas, ns: collection.namespace, ok: 1 };
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
    const nameOnly = flag(command['nameOnly'], 'nameOnly');
    const docs = context.database.store.collectionsOf(context.db).map(({ name, uuid }) => ({
      name,
      type: 'collection',
      ...(nameOnly
        ? {}
        : { options: {}, info: { readOnly: false, uuid }, idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } }),
    }));
    const size = batchSizeOf(objectField(command, 'cursor')['batchSize']);
    return firstBatch(context, `${context.db}.$cmd.listCollections`, docs.filter(filter), size);
  },
};

const listDatabases: Command = {
  fields: ['filter', 'nameOnly', 'authorizedDatabases'],
  run: (context, command) => {
    const filter = compileFilter(objectField(command, 'filter'), context.variables);
    const nameOnly = flag(command['nameOnly'], 'nameOnly');
    const sizes = new Map<string, number>();
    for (const { db, bytes } of context.database.store.collections.values())
      sizes.set(db, (sizes.get(db) ?? 0) + bytes);
    const all = [...sizes]
      .map(([name, sizeOnDisk]) => ({ name, sizeOnDisk: BigInt(sizeOnDisk), empty: false }))
      .filter(filter);
    const databases = nameOnly ? all.map(({ name }) => ({ name })) : all;
    if (nameOnly) return { databases, ok: 1 };
    return { databases, totalSize: BigInt(context.database.store.bytes), ok: 1 };
  },
};

const createIndexes: Command = {
  fields: ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions'],
  run: (context, command) => {
    const indexes = arrayField(command, 'indexes');
    check(indexes.length > 0, 'BadValue', 'Must specify at least one index to create');
    const createdCollectionAutomatically = !collectionOf(context, command);
    const collection = context.database.ensure(context.db, collectionName(command));
    const before = collection.indexes.length + 1;
    const created = indexes.filter((index) => context.database.createIndex(collection, index)).length;
    return {
      numIndexesBefore: before,
      numIndexesAfter: before + created,
      createdCollectionAutomatically,
      ...(created === 0 ? { note: 'all indexes already exist' } : {}),
      ok: 1,
    };
  },
};

const listIndexes: Command = {
  fields: ['cursor'],
  run: (context, command) => {
    const collection = collectionOf(context, command);
    check(collection, 'NamespaceNotFound', missing(context, command));
    const size = batchSizeOf(objectField(command, 'cursor')['batchSize']);
    return firstBatch(context, collection.namespace, collection.indexSpecs(), size);
  },
};

const dropIndexes: Command = {
  fields: ['index'],
  run: (context, command) => {
    const collection = collectionOf(context, command);
    check(collection, 'NamespaceNotFound', missing(context, command));
    const nIndexesWas = collection.indexes.length + 1;
    const { index } = command;
    const wanted = Array.isArray(index) ? index : [index];
    check(!wanted.includes('_id_'), 'InvalidOptions', 'cannot drop _id index');
    const gone = collection.indexes.filter(
      ({ name, spec }) => index === '*' || wanted.some((one) => one === name || shown(one) === shown(spec['key'])),
    );
    check(
      index === '*' || gone.length >= wanted.length,
      'IndexNotFound',
      `index not found with name [${wanted.map(String).join(', ')}]`,
    );
    for (const one of gone) context.database.dropIndex(collection, one);
    return { nIndexesWas, ok: 1 };
  },
};

/** Commands on databases, collections and indexes. */
export const catalog: Record<string, Command> = {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  createIndexes,
  listIndexes,
  dropIndexes,
};
