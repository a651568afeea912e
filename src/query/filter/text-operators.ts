import type { FieldType } from '../fields/queryable-fields.js';
import { QUERY_LIMITS } from '../limits.js';
import { operatorValueType } from '../query-errors.js';
import { guardRegex, literalRegex } from '../regex/regex-guard.js';
import { itemsOf } from './comparison-operators.js';
import { anyOf, type MongoFilter, noneOf } from './mongo-filter.js';
import type { Operator, Operators, Subject } from './operator.js';

const texts: readonly FieldType[] = ['string', 'any'];

type Pattern = (text: string, key: string) => string;

function search(path: string, value: unknown, key: string, pattern: Pattern): MongoFilter {
  if (typeof value !== 'string') throw operatorValueType(key, 'string');
  return { [path]: { $regex: pattern(value, key), $options: 'i' } };
}

/** Finds the text anywhere in the field, without regard to case. */
export function containing(path: string, text: unknown, key: string): MongoFilter {
  return search(path, text, key, literalRegex);
}

function one(pattern: Pattern, combine: (filters: MongoFilter[]) => MongoFilter): Operator {
  return { types: texts, compile: ({ field, value, key }) => combine([search(field.path, value, key, pattern)]) };
}

function many(pattern: Pattern, combine: (filters: MongoFilter[]) => MongoFilter): Operator {
  const searches = (subject: Subject): MongoFilter[] =>
    itemsOf(subject, QUERY_LIMITS.searches).map(({ value, key }) => search(subject.field.path, value, key, pattern));
  return { types: texts, compile: (subject) => combine(searches(subject)) };
}

/** Operators that search in texts; `not_contain_in` holds when the field contains none of the texts. */
export const textOperators: Operators = {
  contain: one(literalRegex, anyOf),
  not_contain: one(literalRegex, noneOf),
  contain_in: many(literalRegex, anyOf),
  not_contain_in: many(literalRegex, noneOf),
  regex: one(guardRegex, anyOf),
  regex_in: many(guardRegex, anyOf),
};
