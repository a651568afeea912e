import { ChangeStream, opensChangeStream, refuseLaterChangeStream } from '../change-stream.js';
import { check, MongoError } from '../errors.js';
import { compilePipeline } from '../stages.js';
import { isDoc, typeName, type Doc } from '../values.js';
import { arrayField, flag, objectField, refuse, variablesOf, type Command, type Context } from './command.js';
import { explainReading } from './explain.js';
import { batchSizeOf, firstBatch } from './find.js';
import { read } from './read.js';

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
    const run = compilePipeline(pipeline, {
      variables,
      read: (from, filter) => readOther(context, from, filter),
      tick: context.tick,
    });
    // What a leading $match selects may come from an index; the rest of the pipeline runs over that.
    const first = pipeline[0];
    const filter = isDoc(first) && isDoc(first['$match']) ? first['$match'] : {};
    const collection = context.database.find(context.db, name);
    const reading = { filter, variables, hint: command['hint'] };
    if (explains) return explainReading(context, collection, reading);
    const docs = run(read(context, collection, reading).map(({ doc }) => doc));
    return firstBatch(context, `${context.db}.${name}`, docs, batchSize);
  },
};

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
