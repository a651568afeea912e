import type { Field, FieldType } from '../fields/queryable-fields.js';
import { type Expression, objectOrNull, onlyIf, valueAt } from './expressions.js';

/** What an operator of a group's field is given. */
export interface GroupSubject {
  /** The field that is gathered; undefined where the operator needs none. */
  readonly field: Field | undefined;
  /** Which rows of the group count; undefined for all of them. */
  readonly condition: Expression | undefined;
  /** What `push` gathers of each row instead of one field. */
  readonly parts: Readonly<Record<string, Expression>> | undefined;
}

/** How values of a group's rows become one. */
export interface GroupOperator {
  /** Whether it needs a key. `push` needs one or `fields`. */
  readonly needs: 'key' | 'nothing' | 'key or fields';
  readonly conditional: boolean;
  readonly compile: (subject: GroupSubject) => Expression;
  /** What the result holds. */
  readonly result: (field: Field | undefined) => { readonly type: FieldType; readonly list: boolean };
}

const number = { type: 'number', list: false } as const;
const map = { type: 'map', list: false } as const;

function at(field: Field | undefined): Expression {
  return field === undefined ? null : valueAt(field.path);
}

function same(field: Field | undefined): { type: FieldType; list: boolean } {
  return { type: field?.type ?? 'any', list: field?.list ?? false };
}

function listed(field: Field | undefined): { type: FieldType; list: boolean } {
  return { type: field?.list === true ? 'any' : (field?.type ?? 'map'), list: true };
}

/** Rows that the condition leaves out count as null, which these operators pass over. */
function arithmetic(operator: string): GroupOperator {
  const compile = ({ field, condition }: GroupSubject): Expression => ({
    [operator]: condition === undefined ? at(field) : onlyIf(condition, at(field)),
  });
  return { needs: 'key', conditional: true, compile, result: () => number };
}

function picking(operator: string): GroupOperator {
  return { needs: 'key', conditional: false, compile: ({ field }) => ({ [operator]: at(field) }), result: same };
}

/** The operators of a group's fields, by the name that callers know. */
export const groupOperators: ReadonlyMap<string, GroupOperator> = new Map<string, GroupOperator>([
  [
    'count',
    {
      needs: 'nothing',
      conditional: true,
      compile: ({ condition }) => ({ $sum: condition === undefined ? 1 : { $cond: [condition, 1, 0] } }),
      result: () => number,
    },
  ],
  ['sum', arithmetic('$sum')],
  ['average', arithmetic('$avg')],
  ['max', picking('$max')],
  ['min', picking('$min')],
  ['first', picking('$first')],
  ['last', picking('$last')],
  [
    'push',
    {
      needs: 'key or fields',
      conditional: false,
      compile: ({ field, parts }) => ({ $push: parts ?? `$${field?.path}` }),
      result: listed,
    },
  ],
  [
    'add_to_set',
    { needs: 'key', conditional: false, compile: ({ field }) => ({ $addToSet: `$${field?.path}` }), result: listed },
  ],
  [
    'merge_objects',
    {
      needs: 'key',
      conditional: false,
      compile: ({ field }) => ({ $mergeObjects: objectOrNull(at(field)) }),
      result: () => map,
    },
  ],
]);
