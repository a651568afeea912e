import { Timestamp } from 'bson';
import { check, shown } from './errors.js';
import { arrayOperators } from './update-arrays.js';
import { add, isNumeric, multiply, type Numeric } from './numbers.js';
import { compare } from './order.js';
import { getAt, setAt, unsetAt } from './paths.js';
import { isDoc, typeName, type Doc } from './values.js';

/** Changes one path of a document, answering a changed copy or the same document. */
export type Change = (doc: Doc, path: string[], inserting: boolean) => Doc;

/** Reads the operand of an update operator for one field. @throws whatever makes the operand invalid. */
export type ChangeBuilder = (operand: unknown, field: string, now: Date) => Change;

/** `_id` of a document as error messages show it. */
export function shownId(doc: Doc): string {
  return `{_id: ${shown(doc['_id'])}}`;
}

const set: ChangeBuilder = (operand) => (doc, path) => setAt(doc, path, operand) as Doc;

function arithmetic(
  name: string,
  verb: string,
  apply: (a: Numeric, b: Numeric) => Numeric | undefined,
  missing: Numeric,
): ChangeBuilder {
  return (operand, field) => {
    check(
      isNumeric(operand),
      'TypeMismatch',
      () => `Cannot ${verb} with non-numeric argument: {${field}: ${shown(operand)}}`,
    );
    return (doc, path) => {
      const current = getAt(doc, path) ?? (getAt(doc, path) === null ? null : missing);
      check(
        isNumeric(current),
        'TypeMismatch',
        () =>
          `Cannot apply ${name} to a value of non-numeric type. ${shownId(doc)} has the field '${path.at(-1)}' of non-numeric type ${typeName(current)}`,
      );
      const result = apply(current, operand);
      check(
        result !== undefined,
        'BadValue',
        () => `Failed to apply ${name} operations to current value (${String(current)}), it would overflow a long`,
      );
      return setAt(doc, path, result) as Doc;
    };
  };
}

function bound(sign: 1 | -1): ChangeBuilder {
  return (operand) => (doc, path) => {
    const current = getAt(doc, path);
    return current === undefined || compare(operand, current) * sign > 0 ? (setAt(doc, path, operand) as Doc) : doc;
  };
}

let lastTimestamp = 0;

const currentDate: ChangeBuilder = (operand, field, now) => {
  const type = isDoc(operand) ? operand['$type'] : operand;
  const valid = typeof type === 'boolean' || type === 'date' || type === 'timestamp';
  check(valid, 'BadValue', `The '$type' of $currentDate for ${field} must be true, 'date' or 'timestamp'`);
  if (type !== 'timestamp') return (doc, path) => setAt(doc, path, now) as Doc;
  lastTimestamp++;
  const stamp = new Timestamp({ t: Math.floor(now.getTime() / 1000), i: lastTimestamp });
  return (doc, path) => setAt(doc, path, stamp) as Doc;
};

const rename: ChangeBuilder = (operand, field) => {
  check(
    typeof operand === 'string' && operand !== '',
    'BadValue',
    `The 'to' field for $rename must be a string: ${field}`,
  );
  const target = operand.split('.');
  return (doc, path) => {
    const value = getAt(doc, path);
    check(
      !throughArray(doc, path) && !throughArray(doc, target),
      'BadValue',
      `The source or destination of $rename cannot be in an array: ${field}`,
    );
    return value === undefined ? doc : (setAt(unsetAt(doc, path), target, value) as Doc);
  };
};

function throughArray(doc: Doc, path: string[]): boolean {
  return path.some((_name, i) => Array.isArray(getAt(doc, path.slice(0, i))));
}

/** The update operators that are served. */
export const CHANGES: Record<string, ChangeBuilder | undefined> = {
  $set: set,
  $setOnInsert: (operand) => (doc, path, inserting) => (inserting ? (setAt(doc, path, operand) as Doc) : doc),
  $unset: () => (doc, path) => unsetAt(doc, path) as Doc,
  $inc: arithmetic('$inc', 'increment', (a, b) => add(a, b, true), 0),
  $mul: arithmetic('$mul', 'multiply', (a, b) => multiply(a, b, true), 0),
  $min: bound(-1),
  $max: bound(1),
  $currentDate: currentDate,
  $rename: rename,
  ...arrayOperators,
};
