import { requiredParameter } from '../../common/errors/errors.js';
import type { Field, Scope } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import { QUERY_LIMITS } from '../limits.js';
import { queryError } from '../query-errors.js';
import { aliased, type Fields, flag, list, object, requiredText, text } from '../shape.js';
import { type Expression, literal, valueAt } from './expressions.js';
import { Names, outputName } from './output-name.js';
import { projectOperators } from './project-operators.js';
import type { StageCompiler } from './stage.js';

interface Result {
  readonly name: string;
  readonly expression: Expression;
  readonly field: Field;
}

/**
 * Compiles a `project` stage: the rows have the named results, and the keys of the group before unless `exclude_keys`.
 *
 * The operands of add, subtract, multiply and divide stand in `key`, separated by commas: names and numbers, as in
 * `used,total` or `count,100`.
 *
 * @throws ERROR_REQUIRED_PARAMETER, ERROR_DB_QUERY, ERROR_INVALID_PARAMETER_TYPE
 */
export const compileProject: StageCompiler = (options, { scope, now, groupKeys }, at) => {
  const given = object(options, at);
  const names = new Names();
  const kept = flag(given['exclude_keys'], `${at}.exclude_keys`) ? [] : groupKeys;
  for (const key of kept) names.add(key, at);
  const results = list(given['fields'], `${at}.fields`, QUERY_LIMITS.stageFields).map((item, index) => {
    const where = `${at}.fields[${index}]`;
    return projectField(object(item, where), scope, names, where);
  });
  if (results.length === 0) throw requiredParameter(`${at}.fields`);
  const project = {
    _id: 0,
    ...Object.fromEntries(kept.map((name) => [name, 1])),
    ...Object.fromEntries(results.map(({ name, expression }) => [name, expression])),
  };
  const fields = [
    ...[...scope].filter(([name]) => kept.includes(name)),
    ...results.map(({ name, field }) => [name, field] as const),
  ];
  return {
    stages: [{ $project: project }],
    position: { scope: new Map(fields), now, documents: false, groupKeys: kept },
  };
};

function projectField(item: Fields, scope: Scope, names: Names, at: string): Result {
  const name = names.add(outputName(item, at), at);
  const key = aliased(item, at, 'key', 'k');
  const named = requiredText(key.value, key.key, QUERY_LIMITS.nameLength);
  const given = aliased(item, at, 'operator', 'o');
  const operatorName = text(given.value, given.key, QUERY_LIMITS.nameLength);
  if (operatorName === '') {
    const field = resolveField(scope, named, key.key);
    return { name, expression: valueAt(field.path), field: { ...field, path: name } };
  }
  const operator = projectOperators.get(operatorName);
  if (operator === undefined) throw queryError(given.key, 'unknown operator', operatorName);
  const [least, most] = operator.operands;
  const operands = most === 1 ? [named] : named.split(',').map((part) => part.trim());
  if (operands.length < least || operands.length > most) {
    throw queryError(
      key.key,
      `${operatorName} takes ${least === most ? least : `${least} to ${most}`} operands`,
      named,
    );
  }
  const expressions = operands.map((part) => operand(part, most > 1, scope, key.key));
  return { name, expression: operator.compile(expressions), field: { path: name, ...operator.result } };
}

function operand(part: string, mayBeNumber: boolean, scope: Scope, key: string): Expression {
  if (mayBeNumber && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(part)) return literal(Number(part));
  return valueAt(resolveField(scope, part, key).path);
}
