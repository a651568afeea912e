import { requiredParameter } from '../../common/errors/errors.js';
import type { Field, Scope } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import { QUERY_LIMITS } from '../limits.js';
import { queryError } from '../query-errors.js';
import { aliased, type Fields, list, object, requiredText, text } from '../shape.js';
import { dateExpression } from './date-format.js';
import { type Expression, valueAt } from './expressions.js';
import { type GroupOperator, groupOperators } from './group-operators.js';
import { Names, outputName } from './output-name.js';
import type { StageCompiler } from './stage.js';
import { compileConditions } from './sub-conditions.js';

interface Result {
  readonly name: string;
  readonly expression: Expression;
  readonly field: Field;
}

/**
 * Compiles a `group` stage. Its keys and its fields are plain fields of the rows that come out of it, and all that the
 * next stage can name; a group without keys makes one row of all.
 *
 * @throws ERROR_REQUIRED_PARAMETER, ERROR_DB_QUERY, and as a filter throws
 */
export const compileGroup: StageCompiler = (options, { scope, now }, at) => {
  const given = object(options, at);
  const names = new Names();
  const read = (name: string, one: (item: Fields, scope: Scope, names: Names, at: string) => Result): Result[] =>
    list(given[name], `${at}.${name}`, QUERY_LIMITS.stageFields).map((item, index) => {
      const where = `${at}.${name}[${index}]`;
      return one(object(item, where), scope, names, where);
    });
  const keys = read('keys', groupKey);
  const fields = read('fields', groupField);
  if (keys.length + fields.length === 0) throw requiredParameter(`${at}.keys`);
  const group = {
    _id: keys.length === 0 ? null : Object.fromEntries(keys.map(({ name, expression }) => [name, expression])),
    ...Object.fromEntries(fields.map(({ name, expression }) => [name, expression])),
  };
  const flat = {
    _id: 0,
    ...Object.fromEntries(keys.map(({ name }) => [name, `$_id.${name}`])),
    ...Object.fromEntries(fields.map(({ name }) => [name, 1])),
  };
  return {
    stages: [{ $group: group }, { $project: flat }],
    position: {
      scope: new Map([...keys, ...fields].map(({ name, field }) => [name, field])),
      now,
      documents: false,
      groupKeys: keys.map(({ name }) => name),
    },
  };
};

function groupKey(item: Fields, scope: Scope, names: Names, at: string): Result {
  const field = namedField(item, scope, at);
  const name = names.add(outputName(item, at), at);
  const format = text(item['date_format'], `${at}.date_format`, QUERY_LIMITS.nameLength);
  if (format === '') return { name, expression: valueAt(field.path), field: { ...field, path: name } };
  const expression = dateExpression(field, format, `${at}.date_format`);
  return { name, expression, field: { path: name, type: 'any', list: false } };
}

function groupField(item: Fields, scope: Scope, names: Names, at: string): Result {
  const name = names.add(outputName(item, at), at);
  const given = aliased(item, at, 'operator', 'o');
  const operatorName = requiredText(given.value, given.key, QUERY_LIMITS.nameLength);
  const operator = groupOperators.get(operatorName);
  if (operator === undefined) throw queryError(given.key, 'unknown operator', operatorName);
  const parts = subFields(item['fields'], scope, `${at}.fields`);
  const condition = compileConditions(item['conditions'], scope, `${at}.conditions`);
  if (condition !== undefined && !operator.conditional) {
    throw queryError(`${at}.conditions`, 'count, sum and average alone take conditions', operatorName);
  }
  const field = needsKey(operator, parts) ? namedField(item, scope, at) : undefined;
  const result = { path: name, ...operator.result(field) };
  return { name, expression: operator.compile({ field, condition, parts }), field: result };
}

function needsKey({ needs }: GroupOperator, parts: object | undefined): boolean {
  return needs === 'key' || (needs === 'key or fields' && parts === undefined);
}

function namedField(item: Fields, scope: Scope, at: string): Field {
  const { value, key } = aliased(item, at, 'key', 'k');
  return resolveField(scope, requiredText(value, key, QUERY_LIMITS.nameLength), key);
}

function subFields(items: unknown, scope: Scope, at: string): Record<string, Expression> | undefined {
  const names = new Names();
  const parts = list(items, at, QUERY_LIMITS.stageFields).map((part, index) => {
    const where = `${at}[${index}]`;
    const item = object(part, where);
    const { path } = namedField(item, scope, where);
    return [names.add(outputName(item, where), where), valueAt(path)] as const;
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}
