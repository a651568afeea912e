import { check, toMongoError } from '../errors.js';
import type { Variables } from '../expression.js';
import { compileFilter } from '../matcher.js';
import { wholeArgument } from '../numbers.js';
import { compileUpdate, upsertBase, withId, type Update } from '../update.js';
import { isDoc, type Doc } from '../values.js';
import {
  arrayField,
  collectionName,
  collectionOf,
  flag,
  objectField,
  refuse,
  variablesOf,
  type Command,
  type Context,
} from './command.js';
import { read } from './read.js';

const MAX_STATEMENTS = 100_000;

/** Runs the statements of a command one by one; the first error ends an ordered one. */
function statements(command: Doc, field: string, run: (statement: Doc, index: number) => void): Doc {
  const list = arrayField(command, field);
  const fits = list.length >= 1 && list.length <= MAX_STATEMENTS;
  check(fits, 16, `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${list.length} operations.`);
  const ordered = flag(command['ordered'], 'ordered', true);
  const writeErrors: Doc[] = [];
  for (const [index, statement] of list.entries()) {
    try {
      check(
        isDoc(statement),
        'TypeMismatch',
        `BSON field '${field}.${index}' is the wrong type, expected type 'object'`,
      );
      run(statement, index);
    } catch (error) {
      writeErrors.push(toMongoError(error).writeError(index));
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

const COMMON = ['ordered', 'bypassDocumentValidation', 'let'];

export const insert: Command = {
  fields: ['documents', ...COMMON],
  retryable: true,
  run: (context, command) => {
    let n = 0;
    const errors = statements(command, 'documents', (doc) => {
      const complete = withId(doc);
      context.database.insert(context.database.ensure(context.db, collectionName(command)), complete);
      n++;
    });
    return { n, ...errors, ok: 1 };
  },
};

/** Refuses unknown fields of a statement. @throws Location40415 */
function checkFields(statement: Doc, known: string[], command: string): void {
  const unknown = Object.keys(statement).find((name) => !known.includes(name));
  check(!unknown, 'UnknownField', `BSON field '${command}.${unknown}' is an unknown field.`);
}

const UPDATE_FIELDS = ['q', 'u', 'upsert', 'multi', 'collation', 'arrayFilters', 'hint', 'c', 'sort'];

export const update: Command = {
  fields: ['updates', ...COMMON],
  retryable: true,
  run: (context, command) => {
    let n = 0;
    let nModified = 0;
    const upserted: Doc[] = [];
    const variables = variablesOf(context, command);
    const errors = statements(command, 'updates', (statement, index) => {
      checkFields(statement, UPDATE_FIELDS, 'update.updates');
      refuse(statement, ['arrayFilters', 'c']);
      const result = updateStatement(context, command, statement, variables);
      n += result.matched;
      nModified += result.modified;
      if (result.upserted) upserted.push({ index, _id: result.upserted['_id'] });
      if (result.error) throw result.error;
    });
    return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...errors, ok: 1 };
  },
};

interface Updated {
  matched: number;
  modified: number;
  upserted?: Doc;
  error?: unknown;
}

function updateStatement(context: Context, command: Doc, statement: Doc, variables: Variables): Updated {
  const filter = objectField(statement, 'q');
  const change = compileUpdate(statement['u'], variables);
  const multi = flag(statement['multi'], 'multi');
  check(!multi || !change.replaces, 'FailedToParse', 'multi update is not supported for replacement-style update');
  check(!multi || statement['sort'] === undefined, 'FailedToParse', 'Cannot specify sort with multi=true');
  const collection = collectionOf(context, command);
  const found = read(context, collection, {
    filter,
    variables,
    sort: objectField(statement, 'sort'),
    limit: multi ? undefined : 1,
    hint: statement['hint'],
  });
  if (found.length === 0 && flag(statement['upsert'], 'upsert')) {
    return { matched: 1, modified: 0, upserted: upsert(context, collectionName(command), filter, change) };
  }
  const result: Updated = { matched: 0, modified: 0 };
  for (const stored of found) {
    try {
      const { doc } = stored;
      const changed = change.apply(doc, false);
      if (collection && changed !== doc) context.database.change(collection, stored, changed, change.replaces);
      result.matched++;
      if (changed !== doc) result.modified++;
    } catch (error) {
      return { ...result, error };
    }
  }
  return result;
}

/** Inserts what an update makes of the fields its filter fixes. @throws DuplicateKey and others */
export function upsert(context: Context, name: string, filter: Doc, change: Update): Doc {
  const doc = withId(change.apply(upsertBase(filter, change.replaces), true));
  context.database.insert(context.database.ensure(context.db, name), doc);
  return doc;
}

export const remove: Command = {
  fields: ['deletes', ...COMMON],
  retryable: true,
  run: (context, command) => {
    let n = 0;
    const variables = variablesOf(context, command);
    const errors = statements(command, 'deletes', (statement) => {
      checkFields(statement, ['q', 'limit', 'collation', 'hint'], 'delete.deletes');
      refuse(statement, []);
      const limit = wholeArgument(statement['limit'], 'limit', 0);
      check(limit <= 1, 'FailedToParse', 'The limit field in delete objects must be 0 or 1.');
      const filter = objectField(statement, 'q');
      compileFilter(filter, variables);
      const collection = collectionOf(context, command);
      const reading = { filter, variables, limit: limit === 0 ? undefined : 1, hint: statement['hint'] };
      for (const stored of read(context, collection, reading)) {
        if (collection) context.database.delete(collection, stored);
        n++;
      }
    });
    return { n, ...errors, ok: 1 };
  },
};
