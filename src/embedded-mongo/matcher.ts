import { BSONRegExp } from 'bson';
import { check, MongoError } from './errors.js';
import { compileExpression, type Variables } from './expression.js';
import { truthy } from './expression-kit.js';
import { compileOperator, equals, type Leaf } from './match-operators.js';
import { anyAt } from './paths.js';
import { compileRegex, regexOperand } from './regex.js';
import { isDoc, type Doc } from './values.js';

export type Predicate = (doc: unknown) => boolean;

const MAX_DEPTH = 100;

/**
 * Compiles a filter to a predicate on documents.
 * @param variables the value of `$$NOW`, for `$expr`.
 * @throws BadValue and others for anything that is not served, before any document is looked at.
 */
export function compileFilter(filter: unknown, variables: Variables, depth = 0): Predicate {
  check(isDoc(filter), 'TypeMismatch', 'Expected a filter to be an object');
  check(depth < MAX_DEPTH, 'BadValue', 'exceeded maximum query tree depth');
  const parts = Object.keys(filter).map((key) => compileEntry(key, filter[key], variables, depth));
  return (doc) => parts.every((part) => part(doc));
}

/** The top-level fields that a filter looks at; undefined where it may look at all. */
export function fieldsOf(filter: Doc): ReadonlySet<string> | undefined {
  const fields = new Set<string>();
  return addFields(filter, fields) ? fields : undefined;
}

function addFields(filter: Doc, into: Set<string>): boolean {
  return Object.keys(filter).every((key) => {
    const operand = filter[key];
    if (key === '$expr') return addReferences(operand, into);
    if (key.startsWith('$'))
      return !Array.isArray(operand) || operand.every((clause) => addFields(clause as Doc, into));
    into.add(firstStep(key));
    return true;
  });
}

/** Adds the top-level fields that an expression may refer to; answers false if it may refer to all. */
export function addReferences(expression: unknown, into: Set<string>): boolean {
  if (typeof expression === 'string') {
    if (expression.startsWith('$$ROOT')) return false;
    if (expression.startsWith('$')) into.add(firstStep(expression.slice(1)));
    return true;
  }
  return Object.values(expression ?? {}).every((inner) => addReferences(inner, into));
}

function firstStep(path: string): string {
  return path.split('.', 1)[0] as string;
}

function compileEntry(key: string, operand: unknown, variables: Variables, depth: number): Predicate {
  if (key === '$and' || key === '$or' || key === '$nor') return compileLogical(key, operand, variables, depth);
  if (key === '$expr') {
    const expression = compileExpression(operand, variables);
    return (doc) => truthy(expression({ root: doc, variables }));
  }
  if (key.startsWith('$')) throw new MongoError('BadValue', `unknown top level operator: ${key}`);
  const path = key.split('.');
  const tests = compileOperand(operand, variables, depth);
  return (doc) => tests.every((test) => test(doc, path, true));
}

function compileLogical(key: string, operand: unknown, variables: Variables, depth: number): Predicate {
  check(Array.isArray(operand) && operand.length > 0, 'BadValue', `${key} must be a nonempty array`);
  check(operand.every(isDoc), 'BadValue', '$or/$and/$nor entries need to be full objects');
  const clauses = operand.map((clause) => compileFilter(clause, variables, depth + 1));
  if (key === '$and') return (doc) => clauses.every((clause) => clause(doc));
  const any: Predicate = (doc) => clauses.some((clause) => clause(doc));
  return key === '$or' ? any : (doc) => !any(doc);
}

/** Whether the operand of a field holds operators, as in `{ a: { $gt: 1 } }`. */
export function isOperators(operand: unknown): operand is Doc {
  return isDoc(operand) && Object.keys(operand)[0]?.startsWith('$') === true;
}

/** What a filter demands of single fields in every case: the field, the operator and its operand. */
export function* conditions(filter: Doc): Generator<[field: string, operator: string, operand: unknown]> {
  for (const [key, operand] of Object.entries(filter)) {
    if (key === '$and') for (const clause of operand as Doc[]) yield* conditions(clause);
    if (key.startsWith('$')) continue;
    if (isOperators(operand)) for (const name of Object.keys(operand)) yield [key, name, operand[name]];
    else yield [key, operand instanceof BSONRegExp ? '$regex' : '$eq', operand];
  }
}

/** A test of what stands at a path; with `deep`, arrays at its end are also tested element by element. */
type FieldTest = (subject: unknown, path: string[], deep: boolean) => boolean;

/** Compiles what stands behind a field name; all tests must hold. */
function compileOperand(operand: unknown, variables: Variables, depth: number): FieldTest[] {
  check(depth < MAX_DEPTH, 'BadValue', 'exceeded maximum query tree depth');
  if (operand instanceof BSONRegExp) return [field(regexLeaf(compileRegex(operand.pattern, operand.options), operand))];
  if (!isOperators(operand)) return [field(equals(operand))];
  check('$regex' in operand || !('$options' in operand), 'BadValue', '$options needs a $regex');
  return Object.keys(operand).flatMap((name) => {
    if (name === '$options') return [];
    if (name === '$regex') return [field(regexLeaf(regexOperand(operand[name], operand['$options'])))];
    if (name === '$not') return [compileNot(operand[name], variables, depth)];
    if (name === '$elemMatch') return [field(compileElemMatch(operand[name], variables, depth))];
    if (name === '$all') return compileAll(operand[name], variables, depth);
    return [field(compileOperator(name, operand[name]))];
  });
}

function field(leaf: Leaf): FieldTest {
  const negated = leaf.negated === true;
  return (subject, path, deep) => negated !== anyAt(subject, path, deep && leaf.expand, leaf.test);
}

function regexLeaf(matches: (text: string) => boolean, same?: BSONRegExp): Leaf {
  const test = (value: unknown): boolean =>
    typeof value === 'string'
      ? matches(value)
      : value instanceof BSONRegExp && value.pattern === same?.pattern && value.options === same.options;
  return { expand: true, test };
}

function compileNot(operand: unknown, variables: Variables, depth: number): FieldTest {
  const allowed = operand instanceof BSONRegExp || isOperators(operand);
  check(allowed, 'BadValue', '$not needs a regex or a document of operators');
  const inner = compileOperand(operand, variables, depth + 1);
  return (subject, path, deep) => !inner.every((test) => test(subject, path, deep));
}

function compileElemMatch(operand: unknown, variables: Variables, depth: number): Leaf {
  check(isDoc(operand), 'BadValue', '$elemMatch needs an Object');
  const element = compileElement(operand, variables, depth + 1);
  return { expand: false, test: (value) => Array.isArray(value) && value.some(element) };
}

/** A test of one element of an array, by operators of its own or as a document. */
export function compileElement(operand: Doc, variables: Variables, depth = 0): (value: unknown) => boolean {
  const [first] = Object.keys(operand);
  if (first?.startsWith('$') && !['$and', '$or', '$nor', '$expr'].includes(first)) {
    const tests = compileOperand(operand, variables, depth);
    return (value) => tests.every((test) => test(value, [], false));
  }
  const filter = compileFilter(operand, variables, depth);
  return (value) => (isDoc(value) || Array.isArray(value)) && filter(value);
}

function compileAll(operand: unknown, variables: Variables, depth: number): FieldTest[] {
  check(Array.isArray(operand), 'BadValue', '$all needs an array');
  check(!operand.some(isOperators), 'BadValue', 'no $ expressions in $all');
  // None of no values is there.
  if (operand.length === 0) return [field(compileOperator('$in', []))];
  return operand.flatMap((item) => compileOperand(item, variables, depth));
}
