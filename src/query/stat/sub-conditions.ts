import { requiredParameter } from '../../common/errors/errors.js';
import type { Field, Scope } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import { QUERY_LIMITS } from '../limits.js';
import { operatorValueType, queryError } from '../query-errors.js';
import { aliased, list, object, requiredText } from '../shape.js';
import { type Data, dataFor } from '../values/data-value.js';
import { type Expression, isOfType, literal, valueAt } from './expressions.js';

const operators: ReadonlyMap<string, { name: string; ordered: boolean }> = new Map(
  Object.entries({
    eq: { name: '$eq', ordered: false },
    not: { name: '$ne', ordered: false },
    lt: { name: '$lt', ordered: true },
    lte: { name: '$lte', ordered: true },
    gt: { name: '$gt', ordered: true },
    gte: { name: '$gte', ordered: true },
  }),
);

/**
 * Compiles the `conditions` of a group's field: which rows of the group it counts. All must hold; undefined when there
 * are none.
 *
 * @throws ERROR_DB_QUERY for an operator other than eq, not, lt, lte, gt, gte, or a list; and as a filter throws
 */
export function compileConditions(items: unknown, scope: Scope, at: string): Expression | undefined {
  const all = list(items, at, QUERY_LIMITS.stageFields).map((item, index) =>
    compileCondition(item, scope, `${at}[${index}]`),
  );
  return all.length === 0 ? undefined : { $and: all };
}

function compileCondition(item: unknown, scope: Scope, at: string): Expression {
  const given = object(item, at);
  const key = aliased(given, at, 'key', 'k');
  const name = aliased(given, at, 'operator', 'o');
  const { value, key: valueKey } = aliased(given, at, 'value', 'v');
  const field = resolveField(scope, requiredText(key.value, key.key, QUERY_LIMITS.nameLength), key.key);
  if (field.list) throw queryError(key.key, 'a condition cannot ask of a list');
  const operatorName = requiredText(name.value, name.key, QUERY_LIMITS.nameLength);
  const operator = operators.get(operatorName);
  if (operator === undefined) throw queryError(name.key, 'must be one of eq, not, lt, lte, gt, gte', operatorName);
  if (value === undefined) throw requiredParameter(valueKey);
  const data = value === null && !operator.ordered ? null : dataFor(field, value, valueKey);
  return compare(operator, field, data, valueKey);
}

function compare({ name, ordered }: { name: string; ordered: boolean }, { path }: Field, data: Data, key: string) {
  const actual = valueAt(path);
  const verdict = { [name]: [actual, literal(data)] };
  if (!ordered) return verdict;
  // Expressions order values across types, where a missing one is less than all: a filter compares within a type.
  return { $and: [sameType(actual, data, key), verdict] };
}

function sameType(actual: Expression, data: Data, key: string): Expression {
  if (typeof data === 'number') return { $isNumber: actual };
  if (typeof data === 'string') return isOfType(actual, 'string');
  if (data instanceof Date) return isOfType(actual, 'date');
  throw operatorValueType(key, 'string or number');
}
