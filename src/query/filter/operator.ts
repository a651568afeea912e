import type { Field, FieldType } from '../fields/queryable-fields.js';
import type { MongoFilter } from './mongo-filter.js';

/** What a condition asks: of this field, with this value, at this time. */
export interface Subject {
  readonly field: Field;
  readonly value: unknown;
  /** Where the value stands in the request, as error messages name it: `query.filter[0].value`. */
  readonly key: string;
  readonly now: Date;
}

/** A filter operator: the types of fields it can be asked of, and what it becomes. */
export interface Operator {
  readonly types: readonly FieldType[];
  /** @throws ERROR_OPERATOR_VALUE_TYPE and its kin for a value the operator cannot take, ERROR_DB_QUERY for a bad one */
  readonly compile: (subject: Subject) => MongoFilter;
}

/** Operators by the name that callers know. */
export type Operators = Readonly<Record<string, Operator>>;
