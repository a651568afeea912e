import type { FieldType } from '../fields/queryable-fields.js';
import { type Expression, isOfType, numberOrNull, objectOrNull, onlyIf } from './expressions.js';

/** What an operator of a projection makes of its operands. */
export interface ProjectOperator {
  /** The least and the most operands. */
  readonly operands: readonly [number, number];
  readonly compile: (operands: readonly Expression[]) => Expression;
  readonly result: { readonly type: FieldType; readonly list: boolean };
}

const MAX_OPERANDS = 10;
const number = { type: 'number', list: false } as const;

function ofList(compile: (items: Expression) => Expression, result: ProjectOperator['result']): ProjectOperator {
  return { operands: [1, 1], compile: ([operand]) => onlyIf({ $isArray: [operand] }, compile(operand)), result };
}

function arithmetic(name: string, most: number): ProjectOperator {
  return { operands: [2, most], compile: (operands) => ({ [name]: operands.map(numberOrNull) }), result: number };
}

/** Elements that are no pair of a text `k` and a value `v` are left out: the database fails on them. */
function pairsOf(items: Expression): Expression {
  const isPair = { $and: [isOfType('$$this', 'object'), isOfType('$$this.k', 'string')] };
  const pairs = { $filter: { input: items, as: 'this', cond: isPair } };
  return { $map: { input: pairs, as: 'this', in: { k: '$$this.k', v: { $ifNull: ['$$this.v', null] } } } };
}

/**
 * The operators of a projection, by the name that callers know. An operand of the wrong type, and a division by zero,
 * make the result null, where the database would fail.
 */
export const projectOperators: ReadonlyMap<string, ProjectOperator> = new Map<string, ProjectOperator>([
  ['size', ofList((items) => ({ $size: items }), number)],
  ['sum', ofList((items) => ({ $sum: items }), number)],
  ['array_to_object', ofList((items) => ({ $arrayToObject: pairsOf(items) }), { type: 'map', list: false })],
  [
    'object_to_array',
    {
      operands: [1, 1],
      compile: ([operand]) => ({ $objectToArray: objectOrNull(operand) }),
      result: { type: 'map', list: true },
    },
  ],
  ['add', arithmetic('$add', MAX_OPERANDS)],
  ['subtract', arithmetic('$subtract', 2)],
  ['multiply', arithmetic('$multiply', MAX_OPERANDS)],
  [
    'divide',
    {
      operands: [2, 2],
      compile: ([left, right]) => onlyIf({ $ne: [right, 0] }, { $divide: [numberOrNull(left), numberOrNull(right)] }),
      result: number,
    },
  ],
]);
