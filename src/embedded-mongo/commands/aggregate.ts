import { ChangeStream, opensChangeStream, refuseLaterChangeStream } from '../change-stream.js';
import { check, MongoError } from '../errors.js';
import type { Variables } from '../expression.js';
import { addReferences } from '../matcher.js';
import { toNumber, type Numeric } from '../numbers.js';
import { compilePipeline } from '../stages.js';
import { isDoc, typeName, type Doc } from '../values.js';
import { arrayField, flag, objectField, refuse, variablesOf, type Command, type Context } from './command.js';
import { explainReading } from './explain.js';
import { batchSizeOf, firstBatch } from './find.js';
import { read, type Reading } from './read.js';

export const aggregate: Command = {
  fields: 'pipeline cursor explain allowDiskUse let hint collation bypassDocumentValidation'.split(' '),
  run: (context, command) => {
    refuse(command, []);
    const pipeline = arrayField(command, 'pipeline');
    const explains = flag(command['explain'], 'explain');
    check(
      explains || isDoc(command['cursor']),
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
    const batchSize = batchSizeOf(objectField(command, 'cursor')['batchSize']);
    if (opensChangeStream(pipeline)) return openStream(context, command, pipeline);
    refuseLaterChangeStream(pipeline);
    const name = command['aggregate'];
    check(
      typeof name === 'string' && name !== '',
      'InvalidNamespace',
      `aggregate needs a collection, not ${typeName(name)}, except for $changeStream`,
    );
    const variables = variablesOf(context, command);
    const collection = context.database.find(context.db, name);
    const stages = {
      variables,
      read: (from: string, filter: Doc) => readOther(context, from, filter),
      tick: context.tick,
    };
    // As a whole first: what is not served is refused before any document is looked at.
    compilePipeline(pipeline, stages);
    const { reading, rest } = leading(pipeline, variables, command['hint']);
    if (explains) return explainReading(context, collection, reading);
    const run = compilePipeline(rest, stages);
    const found = read(context, collection, reading);
    const fields = neededBy(rest[0]);
    const docs = rest.length === 0 ? found : run(found.map((stored) => (fields ? stored.pick(fields) : stored.doc)));
    return firstBatch(context, `${context.db}.${name}`, docs, batchSize);
  },
};

/** What the first stages select and sort is left to reading, which has indexes; the rest of the pipeline runs over that. */
function leading(pipeline: unknown[], variables: Variables, hint: unknown): { reading: Reading; rest: unknown[] } {
  const rest = [...pipeline];
  const take = (name: string): unknown => {
    const [stage] = rest;
    if (!isDoc(stage) || !(name in stage)) return undefined;
    rest.shift();
    return stage[name];
  };
  const filter = (take('$match') ?? {}) as Doc;
  const sort = take('$sort') as Doc | undefined;
  const [skip, limit] = [take('$skip'), take('$limit')] as (Numeric | undefined)[];
  const reading = {
    filter,
    variables,
    hint,
    sort,
    skip: toNumber(skip ?? 0),
    limit: limit === undefined ? undefined : toNumber(limit),
  };
  return { reading, rest };
}

/** The fields that a stage looks at, where it passes on none of the others. */
function neededBy(stage: unknown): ReadonlySet<string> | undefined {
  const fields = new Set<string>();
  if (!isDoc(stage)) return undefined;
  if ('$count' in stage) return fields;
  return '$group' in stage && addReferences(stage['$group'], fields) ? fields : undefined;
}

function readOther(context: Context, name: string, filter: Doc): Doc[] {
  const collection = context.database.find(context.db, name);
  return read(context, collection, { filter, variables: context.variables }).map(({ doc }) => doc);
}

function openStream(context: Context, command: Doc, pipeline: Doc[]): Doc {
  const target = command['aggregate'];
  const whole = target === 1;
  if (!whole && typeof target !== 'string')
    throw new MongoError('InvalidNamespace', 'a change stream needs a collection or a database');
  check(
    context.db !== 'admin' && context.db !== 'local',
    'InvalidNamespace',
    `$changeStream may not be opened on the internal ${context.db} database`,
  );
  const namespace = `${context.db}.${whole ? '$cmd.aggregate' : String(target)}`;
  const { store } = context.database;
  const stream = new ChangeStream(
    store,
    namespace,
    context.db,
    whole ? undefined : String(target),
    pipeline,
    context.session,
    context.variables,
  );
  const id = context.cursors.add(stream);
  return { cursor: { firstBatch: [], id, ns: namespace, postBatchResumeToken: stream.token }, ok: 1 };
}
