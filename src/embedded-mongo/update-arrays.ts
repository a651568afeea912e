import { BSONRegExp } from 'bson';
import { check, type ErrorName } from './errors.js';
import { compileFilter, isOperators, type Predicate } from './matcher.js';
import { isNumeric, toNumber, wholeArgument } from './numbers.js';
import { equal, orderKey } from './order.js';
import { getAt, setAt } from './paths.js';
import { compileSort } from './sort.js';
import { shownId, type ChangeBuilder } from './update-operators.js';
import { isDoc, typeName, type Doc } from './values.js';

function arrayAt(doc: Doc, path: string[], code: ErrorName, message: (type: string) => string): unknown[] | undefined {
  const current = getAt(doc, path);
  check(current === undefined || Array.isArray(current), code, () => message(typeName(current)));
  return current;
}

function eachOf(operand: unknown, name: string): unknown[] | undefined {
  if (!isDoc(operand) || !('$each' in operand)) return undefined;
  const each = operand['$each'];
  check(
    Array.isArray(each),
    'TypeMismatch',
    `The argument to $each in ${name} must be an array but it was of type: ${typeName(each)}`,
  );
  return each;
}

const push: ChangeBuilder = (operand) => {
  const each = eachOf(operand, '$push');
  const modifiers = each && isDoc(operand) ? operand : {};
  const unknown = Object.keys(modifiers).find((key) => !['$each', '$position', '$slice', '$sort'].includes(key));
  check(!unknown, 'BadValue', `Unrecognized clause in $push: ${unknown}`);
  const position = '$position' in modifiers ? wholeArgument(modifiers['$position'], '$position', -Infinity) : undefined;
  const slice = '$slice' in modifiers ? wholeArgument(modifiers['$slice'], '$slice', -Infinity) : undefined;
  const sort = '$sort' in modifiers ? sorter(modifiers['$sort']) : (items: unknown[]) => items;
  return (doc, path) => {
    const current =
      arrayAt(
        doc,
        path,
        'BadValue',
        (type) => `The field '${path.join('.')}' must be an array but is of type ${type} in document ${shownId(doc)}`,
      ) ?? [];
    const items = current.slice();
    items.splice(position ?? items.length, 0, ...(each ?? [operand]));
    const sorted = sort(items);
    const kept =
      slice === undefined ? sorted : slice === 0 ? [] : slice > 0 ? sorted.slice(0, slice) : sorted.slice(slice);
    return setAt(doc, path, kept) as Doc;
  };
};

function sorter(spec: unknown): (items: unknown[]) => unknown[] {
  const wrap = isNumeric(spec)
    ? { value: spec }
    : Object.fromEntries(Object.entries(isDoc(spec) ? spec : {}).map(([key, sign]) => [`value.${key}`, sign]));
  check(Object.keys(wrap).length > 0, 'BadValue', 'The $sort must be 1, -1 or a document of fields');
  const sort = compileSort(wrap);
  return (items) => sort(items, (value) => ({ value }));
}

const addToSet: ChangeBuilder = (operand) => {
  const each = eachOf(operand, '$addToSet') ?? [operand];
  return (doc, path) => {
    const current = arrayAt(
      doc,
      path,
      'BadValue',
      (type) => `Cannot apply $addToSet to non-array field. Field named '${path.at(-1)}' has non-array type ${type}`,
    );
    const seen = new Set((current ?? []).map(orderKey));
    const fresh = each.filter((item) => {
      const key = orderKey(item);
      return !seen.has(key) && seen.add(key);
    });
    return fresh.length === 0 && current ? doc : (setAt(doc, path, [...(current ?? []), ...fresh]) as Doc);
  };
};

function pullTest(operand: unknown): Predicate {
  if (operand instanceof BSONRegExp || isOperators(operand)) {
    const filter = compileFilter(
      { list: { $elemMatch: operand instanceof BSONRegExp ? { $regex: operand } : operand } },
      {},
    );
    return (item) => filter({ list: [item] });
  }
  if (!isDoc(operand)) return (item) => equal(item, operand);
  const filter = compileFilter(operand, {});
  return (item) => isDoc(item) && filter(item);
}

function removing(name: string, test: Predicate): ReturnType<ChangeBuilder> {
  return (doc, path) => {
    const current = arrayAt(doc, path, 'BadValue', () => `Cannot apply ${name} to a non-array value`);
    const kept = current?.filter((item) => !test(item));
    return kept && kept.length !== current?.length ? (setAt(doc, path, kept) as Doc) : doc;
  };
}

const pullAll: ChangeBuilder = (operand) => {
  check(Array.isArray(operand), 'BadValue', `$pullAll requires an array argument but was given a ${typeName(operand)}`);
  const keys = new Set(operand.map(orderKey));
  return removing('$pullAll', (item) => keys.has(orderKey(item)));
};

const pop: ChangeBuilder = (operand, field) => {
  const end = isNumeric(operand) ? toNumber(operand) : 0;
  check(end === 1 || end === -1, 'FailedToParse', `$pop expects 1 or -1, found: {${field}: ${String(operand)}}`);
  return (doc, path) => {
    const current = arrayAt(
      doc,
      path,
      'TypeMismatch',
      (type) => `Path '${path.join('.')}' contains an element of non-array type '${type}'`,
    );
    if (!current || current.length === 0) return doc;
    return setAt(doc, path, end === 1 ? current.slice(0, -1) : current.slice(1)) as Doc;
  };
};

/** The update operators on arrays. */
export const arrayOperators: Record<string, ChangeBuilder> = {
  $push: push,
  $addToSet: addToSet,
  $pull: (operand) => removing('$pull', pullTest(operand)),
  $pullAll: pullAll,
  $pop: pop,
};
