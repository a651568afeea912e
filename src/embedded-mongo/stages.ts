import { check, MongoError } from './errors.js';
import { compileExpression, fieldPath, type Variables } from './expression.js';
import { compileGroup } from './group.js';
import { compileLookup } from './lookup.js';
import { compileFilter } from './matcher.js';
import { isNumeric, toNumber, wholeArgument } from './numbers.js';
import { orderKey } from './order.js';
import { getAt, setAt, unsetAt } from './paths.js';
import { compileProjection } from './projection.js';
import { compileSort } from './sort.js';
import { isDoc, type Doc } from './values.js';

/** A compiled stage. */
export type Stage = (docs: Doc[]) => Doc[];

/** What stages may look at besides their input. */
export interface StageContext {
  variables: Variables;
  /** The documents of another collection of the same database that pass the filter. */
  read(collection: string, filter: Doc): Doc[];
  /** Throws once the command's time is over. */
  tick(): void;
}

/**
 * Compiles a pipeline.
 * @throws Location40324 for a stage that is not served, and whatever its stages refuse, before any document is looked at.
 */
export function compilePipeline(pipeline: unknown, context: StageContext): Stage {
  check(Array.isArray(pipeline), 'TypeMismatch', "'pipeline' option must be specified as an array");
  check(pipeline.length <= 1000, 'FailedToParse', 'Pipeline length must be no longer than 1000 stages');
  const stages = pipeline.map((stage: unknown) => compileStage(stage, context));
  return (docs) =>
    stages.reduce((input, stage) => {
      context.tick();
      return stage(input);
    }, docs);
}

function compileStage(stage: unknown, context: StageContext): Stage {
  check(isDoc(stage), 'TypeMismatch', "Each element of the 'pipeline' array must be an object");
  const names = Object.keys(stage);
  check(names.length === 1, 40323, 'A pipeline stage specification object must contain exactly one field.');
  const name = names[0] ?? '';
  const build = STAGES[name];
  if (!build) throw new MongoError('UnknownStage', `Unrecognized pipeline stage name: '${name}'`);
  return build(stage[name], context);
}

function match(spec: unknown, { variables, tick }: StageContext): Stage {
  const filter = compileFilter(spec, variables);
  return (docs) =>
    docs.filter((doc, i) => {
      if (i % 256 === 0) tick();
      return filter(doc);
    });
}

function addFields(spec: unknown, { variables }: StageContext): Stage {
  check(isDoc(spec), 40272, '$addFields specification stage must be an object');
  const project = compileProjection(spec, variables, 'addFields');
  return (docs) => docs.map(project);
}

function project(spec: unknown, { variables }: StageContext): Stage {
  check(isDoc(spec), 15969, '$project specification must be an object');
  check(Object.keys(spec).length > 0, 51272, 'projection specification must have at least one field');
  const projection = compileProjection(spec, variables, 'project');
  return (docs) => docs.map(projection);
}

function unset(spec: unknown): Stage {
  const given = Array.isArray(spec) ? spec : [spec];
  const paths = given.map((path) => {
    check(
      typeof path === 'string' && path !== '',
      31002,
      '$unset specification must be a string or an array of strings',
    );
    return path;
  });
  check(paths.length > 0, 31119, '$unset specification must be a string or an array with at least one field');
  const projection = compileProjection(Object.fromEntries(paths.map((path) => [path, 0])), {}, 'project');
  return (docs) => docs.map(projection);
}

function replaceRoot(spec: unknown, { variables }: StageContext): Stage {
  const root = compileExpression(spec, variables);
  return (docs) =>
    docs.map((doc) => {
      const value = root({ root: doc, variables });
      check(isDoc(value), 40228, "'newRoot' expression must evaluate to an object");
      return value;
    });
}

function unwind(spec: unknown): Stage {
  const options = isDoc(spec) ? spec : { path: spec };
  const { path, includeArrayIndex: index, preserveNullAndEmptyArrays: preserve, ...rest } = options;
  const unknown = Object.keys(rest)[0];
  check(unknown === undefined, 28811, `unrecognized option to $unwind stage: ${unknown}`);
  check(typeof path === 'string', 28808, 'expected a string as the path for $unwind stage');
  check(path.startsWith('$'), 28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const at = fieldPath(path.slice(1));
  const indexAt = typeof index === 'string' ? fieldPath(index) : undefined;
  const numbered = (doc: unknown, i: bigint | null): Doc => (indexAt ? setAt(doc, indexAt, i) : doc) as Doc;
  return (docs) =>
    docs.flatMap((doc) => {
      const value = getAt(doc, at);
      if (Array.isArray(value) && value.length > 0) {
        return value.map((item, i) => numbered(setAt(doc, at, item), BigInt(i)));
      }
      const empty = value === undefined || value === null || Array.isArray(value);
      if (empty && preserve !== true) return [];
      return [numbered(Array.isArray(value) ? unsetAt(doc, at) : doc, null)];
    });
}

function count(spec: unknown): Stage {
  const fits = typeof spec === 'string' && spec !== '' && !spec.startsWith('$') && !spec.includes('.');
  check(fits, 40156, 'the count field must be a non-empty string');
  return (docs) => (docs.length === 0 ? [] : [{ [spec]: docs.length }]);
}

function facet(spec: unknown, context: StageContext): Stage {
  check(isDoc(spec) && Object.keys(spec).length > 0, 40169, 'the $facet specification must be a non-empty object');
  const facets = Object.entries(spec).map(([name, pipeline]) => [name, compilePipeline(pipeline, context)] as const);
  return (docs) => [Object.fromEntries(facets.map(([name, run]) => [name, run(docs)]))];
}

function sortByCount(spec: unknown, context: StageContext): Stage {
  const group = compileGroup({ _id: spec, count: { $sum: 1 } }, context.variables);
  const sort = compileSort({ count: -1 });
  return (docs) => sort(group(docs), (doc) => doc);
}

function sample(spec: unknown): Stage {
  check(isDoc(spec) && isNumeric(spec['size']), 28747, 'size argument to $sample must be a number');
  const size = toNumber(spec['size']);
  check(size > 0, 28747, 'size argument to $sample must be positive');
  return (docs) => {
    const keyed = docs.map((doc) => [Math.random(), doc] as const).sort(([a], [b]) => a - b);
    return keyed.slice(0, size).map(([, doc]) => doc);
  };
}

const STAGES: Record<string, ((spec: unknown, context: StageContext) => Stage) | undefined> = {
  $match: match,
  $addFields: addFields,
  $set: addFields,
  $project: project,
  $unset: unset,
  $replaceWith: replaceRoot,
  $replaceRoot: (spec, context) => {
    check(isDoc(spec) && 'newRoot' in spec, 40231, 'no newRoot specified for the $replaceRoot stage');
    return replaceRoot(spec['newRoot'], context);
  },
  $sort: (spec) => {
    check(!isDoc(spec) || Object.keys(spec).length > 0, 15976, '$sort stage must have at least one sort key');
    const sort = compileSort(spec);
    return (docs) => sort(docs, (doc) => doc);
  },
  $skip: (spec) => {
    const skip = wholeArgument(spec, '$skip', 0);
    return (docs) => docs.slice(skip);
  },
  $limit: (spec) => {
    const limit = wholeArgument(spec, '$limit', 1);
    return (docs) => docs.slice(0, limit);
  },
  $group: (spec, { variables }) => compileGroup(spec, variables),
  $unwind: unwind,
  $lookup: compileLookup,
  $count: count,
  $facet: facet,
  $sortByCount: sortByCount,
  $sample: sample,
};

/** Distinct values in first-seen order. */
export function distinctValues(values: unknown[]): unknown[] {
  return [...new Map(values.map((value) => [orderKey(value), value])).values()];
}
