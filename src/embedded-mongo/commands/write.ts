import { check, toMongoError } from '../errors.js';
import { IndexPending } from '../index-keys.js';
import { wholeArgument } from '../numbers.js';
import { compileUpdate, upsertBase, withId, type Update } from '../update.js';
import { isDoc, type Doc } from '../values.js';
import {
  arrayField,
  checkFields,
  collectionName,
  collectionOf,
  flag,
  objectField,
  type Command,
  type Context,
} from './command.js';
import { read } from './read.js';

const MAX_STATEMENTS = 100_000;
const COMMON = { fields: ['ordered', 'bypassDocumentValidation'], refused: ['let'], retryable: true };
const REFUSED = ['collation', 'hint', 'arrayFilters', 'c'];

/** Runs the statements of a command one by one; the first error ends an ordered one. */
function statements(command: Doc, field: string, run: (statement: Doc, index: number) => void): Doc {
  const list = arrayField(command, field);
  const fits = list.length >= 1 && list.length <= MAX_STATEMENTS;
  check(fits, 16, `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${list.length} operations.`);
  const ordered = flag(command, 'ordered', true);
  const writeErrors: Doc[] = [];
  for (const [index, statement] of list.entries()) {
    try {
      check(isDoc(statement), 'TypeMismatch', `BSON field '${field}.${index}' is no object`);
      run(statement, index);
    } catch (error) {
      if (error instanceof IndexPending) throw error;
      writeErrors.push(toMongoError(error).writeError(index));
      if (ordered) break;
    }
  }
  return { ...(writeErrors.length > 0 && { writeErrors }), ok: 1 };
}

export const insert: Command = {
  ...COMMON,
  fields: ['documents', ...COMMON.fields],
  run: (context, command) => {
    let n = 0;
    const rest = statements(command, 'documents', (doc) => {
      const complete = withId(doc);
      context.database.insert(context.database.ensure(context.db, collectionName(command)), complete);
      n++;
    });
    return { n, ...rest };
  },
};

export const update: Command = {
  ...COMMON,
  fields: ['updates', ...COMMON.fields],
  run: (context, command) => {
    const done = { n: 0, nModified: 0 };
    const upserted: Doc[] = [];
    const rest = statements(command, 'updates', (statement, index) => {
      const known = ['q', 'u', 'upsert', 'multi', 'sort'];
      checkFields(statement, Object.keys(statement), known, REFUSED, 'update.updates');
      const doc = updateStatement(context, command, statement, done);
      if (!doc) return;
      done.n++;
      upserted.push({ index, _id: doc['_id'] });
    });
    return { ...done, ...(upserted.length > 0 && { upserted }), ...rest };
  },
};

/** Changes what a statement selects and counts it; answers what it inserted instead. */
function updateStatement(context: Context, command: Doc, statement: Doc, done: { n: number; nModified: number }) {
  const filter = objectField(statement, 'q');
  const change = compileUpdate(statement['u'], context.variables);
  const multi = flag(statement, 'multi');
  check(!multi || !change.replaces, 'FailedToParse', 'multi update is not supported for replacement-style update');
  check(!multi || statement['sort'] === undefined, 'FailedToParse', 'Cannot specify sort with multi=true');
  const collection = collectionOf(context, command);
  const sort = objectField(statement, 'sort');
  const found = read(context, collection, { filter, sort, limit: multi ? undefined : 1 });
  if (found.length === 0 && flag(statement, 'upsert')) return upsert(context, collectionName(command), filter, change);
  for (const stored of found) {
    const changed = change.apply(stored.doc, false);
    if (collection && context.database.change(collection, stored, changed, change.replaces)) done.nModified++;
    done.n++;
  }
  return undefined;
}

/** Inserts what an update makes of the fields its filter fixes. @throws DuplicateKey and others */
export function upsert(context: Context, name: string, filter: Doc, change: Update): Doc {
  const doc = withId(change.apply(upsertBase(filter, change.replaces), true));
  context.database.insert(context.database.ensure(context.db, name), doc);
  return doc;
}

export const remove: Command = {
  ...COMMON,
  fields: ['deletes', ...COMMON.fields],
  run: (context, command) => {
    let n = 0;
    const rest = statements(command, 'deletes', (statement) => {
      checkFields(statement, Object.keys(statement), ['q', 'limit'], REFUSED, 'delete.deletes');
      const limit = wholeArgument(statement['limit'], 'limit', 0);
      check(limit <= 1, 'FailedToParse', 'The limit field in delete objects must be 0 or 1.');
      const collection = collectionOf(context, command);
      for (const stored of read(context, collection, {
        filter: objectField(statement, 'q'),
        limit: limit || undefined,
      })) {
        if (collection) context.database.delete(collection, stored);
        n++;
      }
    });
    return { n, ...rest };
  },
};
