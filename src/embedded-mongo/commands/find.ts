import { ListCursor } from '../cursors.js';
import { check } from '../errors.js';
import { wholeArgument } from '../numbers.js';
import { anyAt } from '../paths.js';
import { compileProjection } from '../projection.js';
import { distinctValues } from '../order.js';
import type { Stored } from '../stored.js';
import type { Doc } from '../values.js';
import {
  collectionName,
  collectionOf,
  flag,
  objectField,
  refuse,
  variablesOf,
  type Command,
  type Context,
} from './command.js';
import { read, type Reading } from './read.js';

const DEFAULT_BATCH = 101;

/** Answers a first batch, and opens a cursor for the rest. */
export function firstBatch(
  context: Context,
  namespace: string,
  docs: (Doc | Stored)[],
  batchSize: number,
  single = false,
): Doc {
  const cursor = new ListCursor(namespace, docs, context.session);
  const batch = cursor.next(batchSize);
  const id = single || cursor.exhausted ? 0n : context.cursors.add(cursor);
  return { cursor: { firstBatch: batch, id, ns: namespace }, ok: 1 };
}

/** The batch size of a cursor's first batch. */
export function batchSizeOf(value: unknown): number {
  return value === undefined ? DEFAULT_BATCH : wholeArgument(value, 'batchSize', 0);
}

/** What a find reads. */
export function findReading(context: Context, command: Doc): Reading {
  const limit = command['limit'] === undefined ? 0 : wholeArgument(command['limit'], 'limit', 0);
  return {
    filter: objectField(command, 'filter'),
    sort: objectField(command, 'sort'),
    variables: variablesOf(context, command),
    skip: command['skip'] === undefined ? 0 : wholeArgument(command['skip'], 'skip', 0),
    limit: limit === 0 ? undefined : limit,
    hint: command['hint'],
  };
}

export const find: Command = {
  fields: (
    'filter sort projection hint skip limit batchSize singleBatch let collation allowDiskUse noCursorTimeout tailable ' +
    'awaitData returnKey showRecordId min max allowPartialResults oplogReplay'
  ).split(' '),
  run: (context, command) => {
    refuse(command, ['tailable', 'awaitData', 'returnKey', 'showRecordId', 'min', 'max', 'oplogReplay']);
    const collection = collectionOf(context, command);
    const spec = objectField(command, 'projection');
    const reading = findReading(context, command);
    const project = Object.keys(spec).length > 0 ? compileProjection(spec, reading.variables) : undefined;
    const found = read(context, collection, reading);
    const docs = project ? found.map(({ doc }) => project(doc)) : found;
    const namespace = `${context.db}.${collectionName(command)}`;
    return firstBatch(
      context,
      namespace,
      docs,
      batchSizeOf(command['batchSize']),
      flag(command['singleBatch'], 'singleBatch'),
    );
  },
};

export const count: Command = {
  fields: ['query', 'limit', 'skip', 'hint', 'collation'],
  run: (context, command) => {
    refuse(command, []);
    const limit = Math.abs(command['limit'] === undefined ? 0 : wholeArgument(command['limit'], 'limit', -Infinity));
    const reading: Reading = {
      filter: objectField(command, 'query'),
      variables: context.variables,
      skip: command['skip'] === undefined ? 0 : wholeArgument(command['skip'], 'skip', 0),
      limit: limit === 0 ? undefined : limit,
      hint: command['hint'],
    };
    return { n: read(context, collectionOf(context, command), reading).length, ok: 1 };
  },
};

export const distinct: Command = {
  fields: ['key', 'query', 'collation', 'hint'],
  run: (context, command) => {
    refuse(command, []);
    const { key } = command;
    check(
      typeof key === 'string' && key !== '',
      'TypeMismatch',
      "BSON field 'distinct.key' must be a non-empty string",
    );
    const path = key.split('.');
    const reading = { filter: objectField(command, 'query'), variables: context.variables, hint: command['hint'] };
    const values: unknown[] = [];
    for (const { doc } of read(context, collectionOf(context, command), reading)) {
      // The elements of an array at the end of the path count, the array itself does not.
      anyAt(doc, path, false, (value) => {
        if (Array.isArray(value)) values.push(...(value as unknown[]));
        else if (value !== undefined) values.push(value);
        return false;
      });
    }
    return { values: distinctValues(values), ok: 1 };
  },
};
