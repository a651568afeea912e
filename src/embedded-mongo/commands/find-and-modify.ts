import { check } from '../errors.js';
import { compileProjection } from '../projection.js';
import { compileUpdate } from '../update.js';
import type { Doc } from '../values.js';
import { collectionName, collectionOf, flag, objectField, type Command } from './command.js';
import { read } from './read.js';
import { upsert } from './write.js';

export const findAndModify: Command = {
  fields: ['query', 'update', 'remove', 'new', 'upsert', 'sort', 'fields', 'bypassDocumentValidation'],
  refused: ['arrayFilters', 'let', 'hint', 'collation'],
  retryable: true,
  run: (context, command) => {
    const { database, variables } = context;
    const [removing, upserting, wantsNew] = ['remove', 'upsert', 'new'].map((name) => flag(command, name));
    const one = removing !== (command['update'] !== undefined);
    check(one, 'FailedToParse', 'Either an update or remove=true must be specified');
    check(!removing || !upserting, 'FailedToParse', 'Cannot specify both upsert=true and remove=true');
    check(
      !removing || !wantsNew,
      'FailedToParse',
      "Cannot specify both new=true and remove=true; 'remove' tells the old",
    );
    const fields = objectField(command, 'fields');
    const project = Object.keys(fields).length > 0 ? compileProjection(fields, variables) : (doc: Doc) => doc;
    const change = removing ? undefined : compileUpdate(command['update'], variables);
    const filter = objectField(command, 'query');
    const collection = collectionOf(context, command);
    const [found] = read(context, collection, { filter, sort: objectField(command, 'sort'), limit: 1 });
    if (!found || !collection) {
      if (!change || !upserting) return answer({ n: 0, ...(change && { updatedExisting: false }) }, null);
      const doc = upsert(context, collectionName(command), filter, change);
      return answer({ n: 1, updatedExisting: false, upserted: doc['_id'] }, wantsNew ? project(doc) : null);
    }
    const { doc } = found;
    if (!change) {
      database.delete(collection, found);
      return answer({ n: 1 }, project(doc));
    }
    const changed = change.apply(doc, false);
    database.change(collection, found, changed, change.replaces);
    return answer({ n: 1, updatedExisting: true }, project(wantsNew ? changed : doc));
  },
};

function answer(lastErrorObject: Doc, value: Doc | null): Doc {
  return { lastErrorObject, value, ok: 1 };
}
