/** An aggregation expression. Values of callers stand in it behind `$literal` only. */
export type Expression = unknown;

/** A value of a caller, never read as a path or an operator. */
export function literal(value: unknown): Expression {
  return { $literal: value };
}

/** The value at a stored path; null where there is none, so that every row has every name. */
export function valueAt(path: string): Expression {
  return { $ifNull: [`$${path}`, null] };
}

/** The value where the test holds, else null. */
export function onlyIf(test: Expression, value: Expression): Expression {
  return { $cond: [test, value, null] };
}

/** Whether the value is of a BSON type, by its name: `object`, `string`, `date`. */
export function isOfType(value: Expression, type: string): Expression {
  return { $eq: [{ $type: value }, type] };
}

/** The value if it is a number, else null: arithmetic with null is null, with a text an error of the database. */
export function numberOrNull(value: Expression): Expression {
  return onlyIf({ $isNumber: value }, value);
}

/** The value if it is an object, else null. */
export function objectOrNull(value: Expression): Expression {
  return onlyIf(isOfType(value, 'object'), value);
}
