import { check } from '../errors.js';
import { compileProjection } from '../projection.js';
import { compileUpdate } from '../update.js';
import type { Doc } from '../values.js';
import { collectionName, collectionOf, flag, objectField, refuse, variablesOf, type Command } from './command.js';
import { read } from './read.js';
import { upsert } from './write.js';

export const findAndModify: Command = {
  fields: 'query update remove new upsert sort fields arrayFilters let hint bypassDocumentValidation collation'.split(
    ' ',
  ),
  retryable: true,
  run: (context, command) => {
    refuse(command, ['arrayFilters']);
    const variables = variablesOf(context, command);
    const removing = flag(command['remove'], 'remove');
    const upserting = flag(command['upsert'], 'upsert');
    const wantsNew = flag(command['new'], 'new');
    check(
      removing !== (command['update'] !== undefined),
      'FailedToParse',
      'Either an update or remove=true must be specified',
    );
    check(!removing || !upserting, 'FailedToParse', 'Cannot specify both upsert=true and remove=true ');
    check(
      !removing || !wantsNew,
      'FailedToParse',
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
    const fields = objectField(command, 'fields');
    const project = Object.keys(fields).length > 0 ? compileProjection(fields, variables) : (doc: Doc) => doc;
    const change = removing ? undefined : compileUpdate(command['update'], variables);
    const filter = objectField(command, 'query');
    const collection = collectionOf(context, command);
    const [found] = read(context, collection, {
      filter,
      variables,
      sort: objectField(command, 'sort'),
      limit: 1,
      hint: command['hint'],
    });
    if (!found || !collection) {
      if (!change || !upserting) return answer({ n: 0, ...(change ? { updatedExisting: false } : {}) }, null);
      const doc = upsert(context, collectionName(command), filter, change);
      const result = { n: 1, updatedExisting: false, upserted: doc['_id'] };
      return answer(result, wantsNew ? project(doc) : null);
    }
    if (!change) {
      context.database.delete(collection, found);
      return answer({ n: 1 }, project(found.doc));
    }
    const { doc } = found;
    const changed = change.apply(doc, false);
    if (changed !== doc) context.database.change(collection, found, changed, change.replaces);
    return answer({ n: 1, updatedExisting: true }, project(wantsNew ? changed : doc));
  },
};

function answer(lastErrorObject: Doc, value: Doc | null): Doc {
  return { lastErrorObject, value, ok: 1 };
}
