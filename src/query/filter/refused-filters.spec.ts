import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../test/query/refusal.js';
import { NOW, sampleFields } from '../../../test/query/sample.js';
import { compileFilters } from './filter.js';

const one = (k: string, o: string, v: unknown) =>
  compileFilters({ filter: [{ k, v, o }] }, { scope: sampleFields.scope, now: NOW }, 'query');

describe('a bad value', () => {
  const list = Array.from({ length: 1001 }, () => 1);
  it.each<[string, string, unknown, string]>([
    [
      'eq',
      'name',
      5,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'eq',
      'name',
      ['a'],
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'eq',
      'name',
      { $gt: '' },
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'eq',
      'priority',
      '5',
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = number)',
    ],
    [
      'eq',
      'priority',
      NaN,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = number)',
    ],
    [
      'eq',
      'is_public',
      'true',
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = bool)',
    ],
    [
      'eq',
      'labels',
      'x',
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = dict)',
    ],
    [
      'eq',
      'labels.env',
      ['a'],
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string, number, bool or dict)',
    ],
    [
      'eq',
      'created_at',
      5,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'eq',
      'created_at',
      'soon',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = not an ISO 8601 date, value = soon)',
    ],
    [
      'not',
      'name',
      false,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'lt',
      'name',
      null,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'gt',
      'labels.n',
      true,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string or number)',
    ],
    [
      'gt',
      'labels.n',
      {},
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string or number)',
    ],
    [
      'gt',
      'is_public',
      true,
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].o, reason = does not apply to is_public, a field of type boolean, value = gt)',
    ],
    [
      'gt',
      'labels',
      {},
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].o, reason = does not apply to labels, a field of type map, value = gt)',
    ],
    [
      'exists',
      'name',
      1,
      'ERROR_OPERATOR_BOOLEAN_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = bool)',
    ],
    [
      'exists',
      'name',
      'true',
      'ERROR_OPERATOR_BOOLEAN_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = bool)',
    ],
    [
      'exists',
      'name',
      null,
      'ERROR_OPERATOR_BOOLEAN_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = bool)',
    ],
    [
      'in',
      'name',
      'a',
      'ERROR_OPERATOR_LIST_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = list)',
    ],
    [
      'in',
      'name',
      { 0: 'a', length: 1 },
      'ERROR_OPERATOR_LIST_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = list)',
    ],
    [
      'in',
      'name',
      ['a', 5],
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v[1], type = string)',
    ],
    [
      'in',
      'labels.a',
      [['a']],
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v[0], type = string, number, bool or dict)',
    ],
    [
      'in',
      'priority',
      list,
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.filter[0].v, reason = must not have more than 1000 items, value = 1001)',
    ],
    [
      'not_in',
      'name',
      null,
      'ERROR_OPERATOR_LIST_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = list)',
    ],
    [
      'contain',
      'name',
      5,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'contain',
      'name',
      null,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'contain',
      'name',
      ['a'],
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'contain',
      'name',
      'a\0',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = a text to search for cannot contain NUL)',
    ],
    [
      'contain',
      'priority',
      'a',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].o, reason = does not apply to priority, a field of type number, value = contain)',
    ],
    [
      'not_contain',
      'name',
      {},
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'contain_in',
      'name',
      'a',
      'ERROR_OPERATOR_LIST_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = list)',
    ],
    [
      'contain_in',
      'name',
      ['a', 1],
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v[1], type = string)',
    ],
    [
      'contain_in',
      'name',
      list.slice(0, 51),
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.filter[0].v, reason = must not have more than 50 items, value = 51)',
    ],
    [
      'not_contain_in',
      'name',
      'a',
      'ERROR_OPERATOR_LIST_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = list)',
    ],
    [
      'match',
      'labels',
      'env',
      'ERROR_OPERATOR_DICT_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = dict)',
    ],
    [
      'match',
      'labels',
      [],
      'ERROR_OPERATOR_DICT_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = dict)',
    ],
    [
      'match',
      'labels',
      null,
      'ERROR_OPERATOR_DICT_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = dict)',
    ],
    [
      'match',
      'labels',
      { '': 1 },
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = a key must not be empty)',
    ],
    [
      'match',
      'labels',
      { a: [1] },
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v.a, type = string, number, bool or dict)',
    ],
    [
      'match',
      'labels',
      JSON.parse('{"__proto__": 1}'),
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = an object cannot have such a key, value = __proto__)',
    ],
    [
      'match',
      'plugins',
      { 'a.b': 1 },
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = in a list of maps no key can be called so, value = a.b)',
    ],
    [
      'match',
      'plugins',
      { $where: 1 },
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = in a list of maps no key can be called so, value = $where)',
    ],
    [
      'match',
      'name',
      { a: 1 },
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].o, reason = does not apply to name, a field of type string, value = match)',
    ],
    [
      'regex',
      'name',
      '(a+)+',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = bad regular expression: a repetition without limit must not hold a choice or another repetition, value = (a+)+)',
    ],
    [
      'regex',
      'name',
      '[',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = bad regular expression: missing ], value = [)',
    ],
    [
      'regex',
      'name',
      { $regex: 'a' },
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'regex_in',
      'name',
      'a',
      'ERROR_OPERATOR_LIST_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = list)',
    ],
    [
      'regex_in',
      'name',
      ['a', '('],
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v[1], reason = bad regular expression: missing ), value = ()',
    ],
    [
      'datetime_lt',
      'created_at',
      5,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'datetime_gt',
      'created_at',
      'yesterday',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = not an ISO 8601 date, value = yesterday)',
    ],
    [
      'datetime_gte',
      'name',
      '2026-01-01',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].o, reason = does not apply to name, a field of type string, value = datetime_gte)',
    ],
    [
      'datetime_lte',
      'created_at',
      null,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'timediff_lt',
      'created_at',
      '3d',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = 3d)',
    ],
    [
      'timediff_gt',
      'created_at',
      ['now'],
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.filter[0].v, type = string)',
    ],
    [
      'timediff_gte',
      'priority',
      'now',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].o, reason = does not apply to priority, a field of type number, value = timediff_gte)',
    ],
    [
      'timediff_lte',
      'created_at',
      'now-1y',
      'ERROR_DB_QUERY: Query is invalid. (key = query.filter[0].v, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = now-1y)',
    ],
  ])('%s of %s with %j: %s', (operator, key, value, refusal) => {
    expect(refusalOf(() => one(key, operator, value))).toBe(refusal);
  });
});

describe('a bad name', () => {
  it.each([
    '$where',
    '_id',
    'nope',
    'name.x',
    '__proto__',
    'constructor',
    'toString',
    '$name',
    'stats.restarts',
    'priority.$gt',
  ])('of a field: %s', (key) =>
    expect(() => one(key, 'eq', 'x')).toThrow(expect.objectContaining({ code: 'ERROR_DB_QUERY' })),
  );

  it.each([
    'labels.',
    'labels..a',
    'labels.$where',
    'labels.a.$gt',
    'labels.a\0b',
    'labels.__proto__',
    'labels.__proto__.x',
    `labels${'.a'.repeat(30)}`,
  ])('of a map entry: %j', (key) =>
    expect(() => one(key, 'eq', 'x')).toThrow(expect.objectContaining({ code: 'ERROR_DB_QUERY' })),
  );

  it.each(['$gt', '$where', 'EQ', 'ne', '__proto__', 'constructor', 'toString', 'eq '])(
    'of an operator: %s',
    (operator) => {
      const at = '(key = query.filter[0].o, reason = unknown operator, ';
      expect(refusalOf(() => one('name', operator, 'x'))).toBe(
        `ERROR_DB_QUERY: Query is invalid. ${at}value = ${operator})`,
      );
    },
  );

  it('that is very long', () => {
    expect(() => one(`labels.${'a'.repeat(300)}`, 'eq', 'x')).toThrow(
      expect.objectContaining({ code: 'ERROR_INVALID_PARAMETER' }),
    );
  });
});
