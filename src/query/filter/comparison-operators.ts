import { invalidParameter } from '../../common/errors/errors.js';
import type { FieldType } from '../fields/queryable-fields.js';
import { QUERY_LIMITS } from '../limits.js';
import { operatorBooleanType, operatorListValueType, operatorValueType } from '../query-errors.js';
import { isObject } from '../shape.js';
import { type Data, dataFor } from '../values/data-value.js';
import { anyOf, type MongoFilter, noneOf } from './mongo-filter.js';
import type { Operator, Operators, Subject } from './operator.js';

const every: readonly FieldType[] = ['string', 'number', 'boolean', 'datetime', 'map', 'any'];
const ordered: readonly FieldType[] = ['string', 'number', 'datetime', 'any'];

/** Values are compared with values of their own type only, as MongoDB does. */
function order(operator: '$lt' | '$lte' | '$gt' | '$gte'): Operator {
  return {
    types: ordered,
    compile: ({ field, value, key }) => {
      const data = dataFor(field, value, key);
      if (!hasOrder(data)) throw operatorValueType(key, 'string or number');
      return { [field.path]: { [operator]: data } };
    },
  };
}

function hasOrder(data: Data): boolean {
  return typeof data === 'string' || typeof data === 'number' || data instanceof Date;
}

/** A list is refused: `in` takes one. null stands for "has no value". */
function valueOf({ field, value, key }: Subject): Data {
  return value === null ? null : dataFor(field, value, key);
}

/**
 * The items of an operator that takes a list.
 *
 * @throws ERROR_OPERATOR_LIST_VALUE_TYPE, ERROR_INVALID_PARAMETER when there are more than `most`
 */
export function itemsOf({ value, key }: Subject, most: number): readonly { value: unknown; key: string }[] {
  if (!Array.isArray(value)) throw operatorListValueType(key);
  if (value.length > most) throw invalidParameter(key, `must not have more than ${most} items`, value.length);
  return value.map((item: unknown, index) => ({ value: item, key: `${key}[${index}]` }));
}

/** MongoDB takes an object within `$in` for an operator when its first key starts with `$`, but never within `$eq`. */
function oneOf(subject: Subject): MongoFilter[] {
  const { path } = subject.field;
  const values = itemsOf(subject, QUERY_LIMITS.values).map((item) => valueOf({ ...subject, ...item }));
  const objects = values.filter((value) => isObject(value) && !(value instanceof Date));
  const scalars = values.filter((value) => !objects.includes(value));
  return [
    ...(scalars.length > 0 ? [{ [path]: { $in: scalars } }] : []),
    ...objects.map((value) => ({ [path]: { $eq: value } })),
  ];
}

/** Operators that compare a field with values: of a list, any of its elements. */
export const comparisonOperators: Operators = {
  lt: order('$lt'),
  lte: order('$lte'),
  gt: order('$gt'),
  gte: order('$gte'),
  eq: { types: every, compile: (subject) => ({ [subject.field.path]: { $eq: valueOf(subject) } }) },
  not: { types: every, compile: (subject) => ({ [subject.field.path]: { $ne: valueOf(subject) } }) },
  in: { types: every, compile: (subject) => anyOf(oneOf(subject)) },
  not_in: { types: every, compile: (subject) => noneOf(oneOf(subject)) },
  exists: {
    types: every,
    compile: ({ field, value, key }) => {
      if (typeof value !== 'boolean') throw operatorBooleanType(key);
      return { [field.path]: { $exists: value } };
    },
  },
};
