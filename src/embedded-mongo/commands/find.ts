import { ListCursor } from '../cursors.js';
import { check } from '../errors.js';
import { wholeArgument } from '../numbers.js';
import { distinctValues } from '../order.js';
import { anyAt } from '../paths.js';
import { compileProjection } from '../projection.js';
import type { Stored } from '../stored.js';
import type { Doc } from '../values.js';
import { collectionName, collectionOf, flag, objectField, wholeField, type Command, type Context } from './command.js';
import { read } from './read.js';

const DEFAULT_BATCH = 101;

/** Answers a first batch of the size the command wants, and opens a cursor for the rest. */
export function firstBatch(context: Context, namespace: string, docs: (Doc | Stored)[], options: Doc): Doc {
  const cursor = new ListCursor(namespace, docs, context.session);
  const batch = cursor.next(wholeField(options, 'batchSize', DEFAULT_BATCH));
  const id = flag(options, 'singleBatch') || cursor.exhausted ? 0n : context.cursors.add(cursor);
  return { cursor: { firstBatch: batch, id, ns: namespace }, ok: 1 };
}

export const find: Command = {
  fields: [
    ...['filter', 'sort', 'projection', 'skip', 'limit', 'batchSize', 'singleBatch'],
    ...['allowDiskUse', 'noCursorTimeout', 'allowPartialResults'],
  ],
  refused: [
    ...['hint', 'let', 'collation', 'tailable', 'awaitData', 'returnKey', 'showRecordId', 'min', 'max'],
    ...['oplogReplay'],
  ],
  run: (context, command) => {
    const spec = objectField(command, 'projection');
    const project = Object.keys(spec).length > 0 ? compileProjection(spec, context.variables) : undefined;
    const found = read(context, collectionOf(context, command), {
      filter: objectField(command, 'filter'),
      sort: objectField(command, 'sort'),
      skip: wholeField(command, 'skip', 0),
      limit: wholeField(command, 'limit', 0) || undefined,
    });
    const docs = project ? found.map(({ doc }) => project(doc)) : found;
    return firstBatch(context, `${context.db}.${collectionName(command)}`, docs, command);
  },
};

export const count: Command = {
  fields: ['query', 'limit', 'skip'],
  refused: ['hint', 'collation'],
  run: (context, command) => {
    const limit = Math.abs(wholeArgument(command['limit'] ?? 0, 'limit', -Infinity)) || undefined;
    const reading = { filter: objectField(command, 'query'), skip: wholeField(command, 'skip', 0), limit };
    return { n: read(context, collectionOf(context, command), reading).length, ok: 1 };
  },
};

export const distinct: Command = {
  fields: ['key', 'query'],
  refused: ['hint', 'collation'],
  run: (context, command) => {
    const { key } = command;
    const fits = typeof key === 'string' && key !== '';
    check(fits, 'TypeMismatch', "BSON field 'distinct.key' must be a non-empty string");
    const path = key.split('.');
    const values: unknown[] = [];
    for (const { doc } of read(context, collectionOf(context, command), { filter: objectField(command, 'query') })) {
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
