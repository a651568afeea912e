import { BSONRegExp } from 'bson';
import { check, shown, type ErrorName } from './errors.js';
import { compileElement, isOperators, type Predicate } from './matcher.js';
import { add, isNumeric, isWhole } from './numbers.js';
import { equal, orderKey } from './order.js';
import { getAt, setAt, unsetAt } from './paths.js';
import { isDoc, typeName, type Doc } from './values.js';

/** Changes one path of a document, answering a changed copy or the same document. */
export type Change = (doc: Doc, path: string[], inserting: boolean) => Doc;

/** Reads the operand of an update operator for one field. @throws whatever makes the operand invalid. */
type ChangeBuilder = (operand: unknown, field: string, now: Date) => Change;

const set: ChangeBuilder = (operand) => (doc, path) => setAt(doc, path, operand) as Doc;

const increment: ChangeBuilder = (operand, field) => {
  check(
    isNumeric(operand),
    'TypeMismatch',
    `Cannot increment with non-numeric argument: {${field}: ${shown(operand)}}`,
  );
  return (doc, path) => {
    const found = getAt(doc, path);
    const current = found === undefined ? 0 : found;
    const wrong = (): string =>
      `Cannot apply $inc to a value of non-numeric type. {_id: ${shown(doc['_id'])}} has the field '${path.at(-1)}' of non-numeric type ${typeName(current)}`;
    check(isNumeric(current), 'TypeMismatch', wrong);
    const result = add(current, operand);
    const overflows = isWhole(current) && isWhole(operand) && !isWhole(result);
    check(!overflows, 'BadValue', () => `Failed to apply $inc operations to current value (${String(current)})`);
    return setAt(doc, path, result) as Doc;
  };
};

const currentDate: ChangeBuilder = (operand, field, now) => {
  const type = isDoc(operand) ? operand['$type'] : operand;
  check(typeof type === 'boolean' || type === 'date', 'BadValue', `$currentDate of ${field} must be true or a date`);
  return (doc, path) => setAt(doc, path, now) as Doc;
};

function arrayAt(doc: Doc, path: string[], name: string, code: ErrorName = 'BadValue'): unknown[] | undefined {
  const current = getAt(doc, path);
  const message = (): string => `Cannot apply ${name} to the non-array field '${path.join('.')}': ${typeName(current)}`;
  check(current === undefined || Array.isArray(current), code, message);
  return current;
}

/** The items that `$push` and `$addToSet` are given, one or `$each` of a list. */
function itemsOf(operand: unknown, name: string): unknown[] {
  if (!isDoc(operand) || !('$each' in operand)) return [operand];
  const unknown = Object.keys(operand).find((key) => key !== '$each');
  check(!unknown, 'BadValue', `The clause ${unknown} in ${name} is not supported`);
  const each = operand['$each'];
  check(Array.isArray(each), 'TypeMismatch', `The argument to $each in ${name} must be an array`);
  return each;
}

const push: ChangeBuilder = (operand) => {
  const items = itemsOf(operand, '$push');
  return (doc, path) => setAt(doc, path, [...(arrayAt(doc, path, '$push') ?? []), ...items]) as Doc;
};

const addToSet: ChangeBuilder = (operand) => {
  const items = itemsOf(operand, '$addToSet');
  return (doc, path) => {
    const current = arrayAt(doc, path, '$addToSet');
    const seen = new Set(current?.map(orderKey));
    const fresh = items.filter((item) => !seen.has(orderKey(item)) && seen.add(orderKey(item)));
    return fresh.length === 0 && current ? doc : (setAt(doc, path, [...(current ?? []), ...fresh]) as Doc);
  };
};

function pullTest(operand: unknown): Predicate {
  if (operand instanceof BSONRegExp) return compileElement({ $regex: operand }, {});
  if (!isDoc(operand)) return (item) => equal(item, operand);
  const test = compileElement(operand, {});
  return isOperators(operand) ? test : (item) => isDoc(item) && test(item);
}

function pull(name: string, test: Predicate): Change {
  return (doc, path) => {
    const current = arrayAt(doc, path, name);
    if (!current?.some(test)) return doc;
    return setAt(
      doc,
      path,
      current.filter((item) => !test(item)),
    ) as Doc;
  };
}

/** The update operators that are served. */
export const CHANGES: Record<string, ChangeBuilder | undefined> = {
  $set: set,
  $setOnInsert: (operand) => (doc, path, inserting) => (inserting ? (setAt(doc, path, operand) as Doc) : doc),
  $unset: () => (doc, path) => unsetAt(doc, path) as Doc,
  $inc: increment,
  $currentDate: currentDate,
  $push: push,
  $addToSet: addToSet,
  $pull: (operand) => pull('$pull', pullTest(operand)),
  $pullAll: (operand) => {
    check(Array.isArray(operand), 'BadValue', '$pullAll requires an array argument');
    return pull('$pullAll', (item) => operand.some((one) => equal(one, item)));
  },
};
