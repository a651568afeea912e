import { requiredParameter } from '../../common/errors/errors.js';
import type { Scope } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import { QUERY_LIMITS } from '../limits.js';
import { queryError } from '../query-errors.js';
import { aliased, type Fields, list, object, requiredText } from '../shape.js';
import { comparisonOperators } from './comparison-operators.js';
import { matchOperators } from './match-operator.js';
import { allOf, anyOf, type MongoFilter } from './mongo-filter.js';
import type { Operator } from './operator.js';
import { textOperators } from './text-operators.js';
import { datetimeOperators } from './time-operators.js';

const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({ ...comparisonOperators, ...textOperators, ...datetimeOperators, ...matchOperators }),
);

/** The names of all filter operators. */
export const FILTER_OPERATORS: readonly string[] = [...operators.keys()];

/** What conditions are compiled in: the fields they may name, and the time that `now` means. */
export interface FilterContext {
  readonly scope: Scope;
  readonly now: Date;
}

/**
 * Compiles `filter` (all hold) and `filter_or` (any holds, if there are any), both of which must hold.
 *
 * @param at where the two stand in the request, as error messages name it: `query`
 * @throws ERROR_DB_QUERY, ERROR_OPERATOR_*, ERROR_REQUIRED_PARAMETER, ERROR_INVALID_PARAMETER, _TYPE
 */
export function compileFilters(query: Fields, context: FilterContext, at: string): MongoFilter {
  const all = conditions(query['filter'], context, `${at}.filter`);
  const any = conditions(query['filter_or'], context, `${at}.filter_or`);
  return allOf([...all, ...(any.length > 0 ? [anyOf(any)] : [])]);
}

/** Compiles a list of conditions, each on its own. @throws as {@link compileFilters} */
export function conditions(items: unknown, context: FilterContext, at: string): MongoFilter[] {
  return list(items, at, QUERY_LIMITS.filters).map((item, index) => condition(item, context, `${at}[${index}]`));
}

function condition(item: unknown, { scope, now }: FilterContext, at: string): MongoFilter {
  const given = object(item, at);
  const key = aliased(given, at, 'key', 'k');
  const name = aliased(given, at, 'operator', 'o');
  const { value, key: valueKey } = aliased(given, at, 'value', 'v');
  const fieldName = requiredText(key.value, key.key, QUERY_LIMITS.nameLength);
  const operatorName = requiredText(name.value, name.key, QUERY_LIMITS.nameLength);
  const operator = operators.get(operatorName);
  if (operator === undefined) throw queryError(name.key, 'unknown operator', operatorName);
  const field = resolveField(scope, fieldName, key.key);
  if (!operator.types.includes(field.type)) {
    throw queryError(name.key, `does not apply to ${fieldName}, a field of type ${field.type}`, operatorName);
  }
  if (value === undefined) throw requiredParameter(valueKey);
  return operator.compile({ field, value, key: valueKey, now });
}
