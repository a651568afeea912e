import { check } from './errors.js';
import { compileExpression, fieldPath } from './expression.js';
import { anyAt, setAt, splitPath } from './paths.js';
import { compilePipeline, type Stage, type StageContext } from './stages.js';
import { isDoc, type Doc } from './values.js';

const FIELDS = new Set(['from', 'as', 'localField', 'foreignField', 'let', 'pipeline']);

/** Compiles a `$lookup` stage, by equality of fields, by a pipeline with `let`, or both. @throws FailedToParse */
export function compileLookup(spec: unknown, context: StageContext): Stage {
  check(isDoc(spec), 'FailedToParse', 'the $lookup specification must be an Object');
  const unknown = Object.keys(spec).find((key) => !FIELDS.has(key));
  check(unknown === undefined, 'FailedToParse', `unknown argument to $lookup: ${unknown}`);
  const { from, as, localField, foreignField } = spec;
  check(typeof from === 'string', 'FailedToParse', "missing 'from' option to $lookup stage specification");
  check(typeof as === 'string', 'FailedToParse', "must specify 'as' field for a $lookup");
  const paired = (localField === undefined) === (foreignField === undefined);
  check(
    paired && ('pipeline' in spec || localField !== undefined),
    'FailedToParse',
    '$lookup needs localField and foreignField, or a pipeline',
  );
  const target = fieldPath(as);
  const bind = compileLet(spec['let'], context);
  // Compiled once with the names alone, so that what is not served is refused before any document is looked at.
  if ('pipeline' in spec) compilePipeline(spec['pipeline'], { ...context, variables: bind({}) });
  return (docs) =>
    docs.map((doc) => {
      context.tick();
      const filter = localField === undefined ? {} : equality(doc, String(localField), String(foreignField));
      const found = context.read(from, filter);
      if (!('pipeline' in spec)) return setAt(doc, target, found) as Doc;
      const run = compilePipeline(spec['pipeline'], { ...context, variables: bind(doc) });
      return setAt(doc, target, run(found)) as Doc;
    });
}

function compileLet(spec: unknown, context: StageContext): (doc: Doc) => Record<string, unknown> {
  check(spec === undefined || isDoc(spec), 'FailedToParse', '$lookup argument let must be an object');
  const fields = Object.entries(spec ?? {}).map(([name, value]) => {
    check(/^[a-z]/.test(name), 'FailedToParse', `'${name}' starts with an invalid character for a user variable name`);
    return [name, compileExpression(value, context.variables)] as const;
  });
  return (root) => ({
    ...context.variables,
    ...Object.fromEntries(fields.map(([name, value]) => [name, value({ root, variables: context.variables })])),
  });
}

function equality(doc: Doc, localField: string, foreignField: string): Doc {
  const values: unknown[] = [];
  anyAt(doc, splitPath(localField), true, (value) => {
    if (!Array.isArray(value)) values.push(value ?? null);
    return false;
  });
  return { [foreignField]: { $in: values } };
}
