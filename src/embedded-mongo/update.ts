import { ObjectId } from 'bson';
import { check } from './errors.js';
import type { Variables } from './expression.js';
import { conditions } from './matcher.js';
import { equal } from './order.js';
import { setAt } from './paths.js';
import { compileSteps } from './stages.js';
import { CHANGES } from './update-operators.js';
import { checkStorable, isDoc, own, typeName, type Doc } from './values.js';

/** A compiled update. */
export interface Update {
  /** Whether it gives a whole new document, which a change stream calls `replace`. */
  replaces: boolean;
  /** The changed document. @throws what MongoDB refuses about this document. */
  apply(doc: Doc, inserting: boolean): Doc;
}

const PIPELINE_STAGES = ['$set', '$addFields', '$unset', '$project'];

/** Compiles an update: operators, a replacement, or a pipeline. @throws FailedToParse and others, before any document. */
export function compileUpdate(spec: unknown, variables: Variables): Update {
  if (Array.isArray(spec)) return checked(pipelineUpdate(spec, variables), false);
  check(isDoc(spec), 'FailedToParse', 'Update argument must be either an object or an array');
  if (!Object.keys(spec).some((name) => name.startsWith('$'))) return checked((doc) => replacement(spec, doc), true);
  return checked(operatorUpdate(spec, variables), false);
}

type Apply = (doc: Doc, inserting: boolean) => Doc;

function checked(apply: Apply, replaces: boolean): Update {
  return {
    replaces,
    apply: (doc, inserting) => {
      const changed = apply(doc, inserting);
      if (changed === doc) return doc;
      const keepsId = !('_id' in doc) || equal(changed['_id'], doc['_id']);
      check(keepsId, 'ImmutableField', `Performing an update on the path '_id' would modify the immutable field '_id'`);
      checkStorable(changed);
      return changed;
    },
  };
}

function replacement(spec: Doc, doc: Doc): Doc {
  return '_id' in doc ? { _id: doc['_id'], ...spec } : { ...spec };
}

function pipelineUpdate(stages: unknown[], variables: Variables): Apply {
  const run = compileSteps(stages, PIPELINE_STAGES, 'InvalidOptions', variables);
  return (doc) => {
    const [changed = doc] = run([doc]);
    return '_id' in doc && !('_id' in changed) ? { _id: doc['_id'], ...changed } : changed;
  };
}

function operatorUpdate(spec: Doc, variables: Variables): Apply {
  const now = variables['NOW'] instanceof Date ? variables['NOW'] : new Date();
  const changes = Object.keys(spec).flatMap((name) => {
    const [fields, build] = [spec[name], own(CHANGES, name) as (typeof CHANGES)[string]];
    check(build, 'FailedToParse', `Unknown modifier: ${name}. Expected a valid update modifier or a pipeline`);
    const message = `Modifiers operate on fields but we found type ${typeName(fields)} instead, in ${name}`;
    check(isDoc(fields), 'FailedToParse', message);
    return Object.keys(fields).map((field) => ({ path: updatePath(field), change: build(fields[field], field, now) }));
  });
  // MongoDB's order, step by step of the path: it is the order in which new fields appear.
  changes.sort((a, b) => (a.path.join('\0') < b.path.join('\0') ? -1 : 1));
  checkConflicts(changes.map(({ path }) => path.join('.')));
  return (doc, inserting) => changes.reduce((current, { path, change }) => change(current, path, inserting), doc);
}

function updatePath(field: string): string[] {
  const path = field.split('.');
  check(!path.includes(''), 'EmptyFieldName', `The update path '${field}' contains an empty field name.`);
  const dollar = path.find((name) => name.startsWith('$')) ?? '';
  check(!/^\$($|\[)/.test(dollar), 'BadValue', `positional operator ${dollar} in '${field}' is not supported`);
  check(!dollar, 'DollarPrefixedFieldName', `The dollar ($) prefixed field '${dollar}' in '${field}' is not valid.`);
  return path;
}

function checkConflicts(paths: string[]): void {
  for (const [i, path] of paths.entries()) {
    const clash = paths.find((other, j) => i !== j && (other === path || path.startsWith(`${other}.`)));
    const message = `Updating the path '${path}' would create a conflict at '${clash}'`;
    check(clash === undefined, 'ConflictingUpdateOperators', message);
  }
}

/** The document an upsert starts from: the fields its filter fixes by equality. */
export function upsertBase(filter: Doc, replaces: boolean): Doc {
  let base: Doc = {};
  for (const [field, operator, value] of conditions(filter)) {
    if (operator === '$eq' && (field === '_id' || !replaces)) base = setAt(base, field.split('.'), value) as Doc;
  }
  return base;
}

/** A document ready to be inserted: `_id` first, made if missing. @throws InvalidIdField, BSONObjectTooLarge, Overflow */
export function withId(doc: Doc): Doc {
  const { _id } = doc;
  check(!Array.isArray(_id), 'InvalidIdField', "The '_id' value cannot be of type array");
  check(typeName(_id) !== 'regex', 'InvalidIdField', "The '_id' value cannot be of type regex");
  const complete =
    _id === undefined ? { _id: new ObjectId(), ...doc } : Object.keys(doc)[0] === '_id' ? doc : { _id, ...doc };
  checkStorable(complete);
  return complete;
}
