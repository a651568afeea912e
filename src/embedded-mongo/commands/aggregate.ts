import { ChangeStream, opensChangeStream } from '../change-stream.js';
import { check } from '../errors.js';
import { addReferences } from '../matcher.js';
import { toNumber, type Numeric } from '../numbers.js';
import { compilePipeline } from '../stages.js';
import { isDoc, typeName, type Doc } from '../values.js';
import { arrayField, objectField, type Command, type Context } from './command.js';
import { firstBatch } from './find.js';
import { read, type Reading } from './read.js';

export const aggregate: Command = {
  fields: ['pipeline', 'cursor', 'allowDiskUse', 'bypassDocumentValidation'],
  refused: ['explain', 'hint', 'let', 'collation'],
  run: (context, command) => {
    const pipeline = arrayField(command, 'pipeline');
    check(isDoc(command['cursor']), 'FailedToParse', "The 'cursor' option is required");
    if (opensChangeStream(pipeline)) return openStream(context, command, pipeline);
    const later = pipeline.some((stage) => isDoc(stage) && '$changeStream' in stage);
    check(!later, 40602, '$changeStream is only valid as the first stage in a pipeline');
    const name = command['aggregate'];
    const fits = typeof name === 'string' && name !== '';
    check(fits, 'InvalidNamespace', `aggregate needs a collection, not ${typeName(name)}, except for $changeStream`);
    const stages = {
      ...context,
      read: (from: string, filter: Doc) =>
        read(context, context.database.find(context.db, from), { filter }).map(({ doc }) => doc),
    };
    // As a whole first: what is not served is refused before any document is looked at.
    compilePipeline(pipeline, stages);
    const { reading, rest } = leading(pipeline);
    const run = compilePipeline(rest, stages);
    const found = read(context, context.database.find(context.db, name), reading);
    const fields = neededBy(rest[0]);
    const docs = rest.length === 0 ? found : run(found.map((stored) => (fields ? stored.pick(fields) : stored.doc)));
    return firstBatch(context, `${context.db}.${name}`, docs, objectField(command, 'cursor'));
  },
};

/** What the first stages select and sort is left to reading, which has indexes; the rest of the pipeline runs over that. */
export function leading(pipeline: unknown[]): { reading: Reading; rest: unknown[] } {
  const rest = [...pipeline];
  const take = (name: string): unknown => (isDoc(rest[0]) && name in rest[0] ? (rest.shift() as Doc)[name] : undefined);
  const filter = (take('$match') ?? {}) as Doc;
  const sort = take('$sort') as Doc | undefined;
  const [skip, limit] = [take('$skip'), take('$limit')] as (Numeric | undefined)[];
  const bounds = { skip: toNumber(skip ?? 0), limit: limit === undefined ? undefined : toNumber(limit) };
  return { reading: { filter, sort, ...bounds }, rest };
}

/** The fields that a stage looks at, where it passes on none of the others. */
function neededBy(stage: unknown): ReadonlySet<string> | undefined {
  const fields = new Set<string>();
  if (!isDoc(stage)) return undefined;
  if ('$count' in stage) return fields;
  return '$group' in stage && addReferences(stage['$group'], fields) ? fields : undefined;
}

function openStream(context: Context, command: Doc, pipeline: Doc[]): Doc {
  const { db, database, session, variables } = context;
  const target = command['aggregate'];
  check(target === 1 || typeof target === 'string', 'InvalidNamespace', 'a change stream needs a collection or 1');
  check(db !== 'admin' && db !== 'local', 'InvalidNamespace', `$changeStream may not be opened on ${db}`);
  const collection = typeof target === 'string' ? target : undefined;
  const stream = new ChangeStream(database.store, db, collection, pipeline, session, variables);
  const id = context.cursors.add(stream);
  return { cursor: { firstBatch: [], id, ns: stream.namespace, postBatchResumeToken: stream.token }, ok: 1 };
}
