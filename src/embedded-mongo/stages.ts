import { check, MongoError, type ErrorName } from './errors.js';
import { fieldPath, type Variables } from './expression.js';
import { compileGroup } from './group.js';
import { compileFilter } from './matcher.js';
import { wholeArgument } from './numbers.js';
import { anyAt, getAt, setAt } from './paths.js';
import { compileProjection } from './projection.js';
import { compileSort } from './sort.js';
import { isDoc, own, type Doc } from './values.js';

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

/** A pipeline that looks at nothing but one document, of stages that are allowed there. @throws `refusal` for others */
export function compileSteps(stages: unknown[], allowed: string[], refusal: ErrorName, variables: Variables): Stage {
  const refused = stages
    .filter(isDoc)
    .flatMap(Object.keys)
    .find((name) => !allowed.includes(name));
  check(refused === undefined, refusal, `${refused} is not permitted here`);
  return compilePipeline(stages, { variables, read: () => [], tick: () => undefined });
}

function compileStage(stage: unknown, context: StageContext): Stage {
  check(isDoc(stage), 'TypeMismatch', "Each element of the 'pipeline' array must be an object");
  const names = Object.keys(stage);
  check(names.length === 1, 40323, 'A pipeline stage specification object must contain exactly one field.');
  const name = names[0] ?? '';
  const build = own(STAGES, name) as (typeof STAGES)[string];
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
  const project = compileProjection(spec, variables, true);
  return (docs) => docs.map(project);
}

function project(spec: unknown, { variables }: StageContext): Stage {
  check(isDoc(spec), 15969, '$project specification must be an object');
  check(Object.keys(spec).length > 0, 51272, 'projection specification must have at least one field');
  const projection = compileProjection(spec, variables);
  return (docs) => docs.map(projection);
}

function unset(spec: unknown): Stage {
  const paths: unknown[] = Array.isArray(spec) ? spec : [spec];
  const texts = paths.every((path) => typeof path === 'string' && path !== '');
  check(texts && paths.length > 0, 31002, '$unset specification must be a string or an array of strings');
  const projection = compileProjection(Object.fromEntries(paths.map((path) => [path, 0])), {});
  return (docs) => docs.map(projection);
}

function unwind(spec: unknown): Stage {
  const { path, ...rest } = isDoc(spec) ? spec : { path: spec };
  const unknown = Object.keys(rest)[0];
  check(unknown === undefined, 28811, `the option '${unknown}' of the $unwind stage is not supported`);
  check(typeof path === 'string', 28808, 'expected a string as the path for $unwind stage');
  check(path.startsWith('$'), 28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const at = fieldPath(path.slice(1));
  return (docs) =>
    docs.flatMap((doc) => {
      const value = getAt(doc, at);
      if (Array.isArray(value)) return value.map((item) => setAt(doc, at, item) as Doc);
      return value === undefined || value === null ? [] : [doc];
    });
}

function count(spec: unknown): Stage {
  const fits = typeof spec === 'string' && spec !== '' && !spec.startsWith('$') && !spec.includes('.');
  check(fits, 40156, 'the count field must be a non-empty string');
  return (docs) => (docs.length === 0 ? [] : [{ [spec]: docs.length }]);
}

/** The documents of another collection whose field equals one of this document. */
function lookup(spec: unknown, context: StageContext): Stage {
  check(isDoc(spec), 'FailedToParse', 'the $lookup specification must be an Object');
  const { from, as, localField, foreignField, ...rest } = spec;
  const unknown = Object.keys(rest)[0];
  check(!unknown, 'FailedToParse', `the argument '${unknown}' of $lookup is not supported`);
  const named = [from, as, localField, foreignField].every((name) => typeof name === 'string');
  check(named, 'FailedToParse', '$lookup needs from, localField, foreignField and as');
  const [target, local, foreign] = [as, localField, foreignField].map((name) => fieldPath(String(name))) as Paths;
  return (docs) =>
    docs.map((doc) => {
      context.tick();
      const values: unknown[] = [];
      anyAt(doc, local, true, (value) => {
        if (!Array.isArray(value)) values.push(value ?? null);
        return false;
      });
      return setAt(doc, target, context.read(String(from), { [foreign.join('.')]: { $in: values } })) as Doc;
    });
}

type Paths = [string[], string[], string[]];

const STAGES: Record<string, ((spec: unknown, context: StageContext) => Stage) | undefined> = {
  $match: match,
  $addFields: addFields,
  $set: addFields,
  $project: project,
  $unset: unset,
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
  $lookup: lookup,
  $count: count,
};
