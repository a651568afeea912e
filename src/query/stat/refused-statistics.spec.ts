import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../test/query/refusal.js';
import { NOW, sampleFields } from '../../../test/query/sample.js';
import type { StatisticsQuery } from '../../generated/spaceone/api/core/v2/query.js';
import { compileStat } from './compile-stat.js';

const compile = (query?: unknown) => compileStat(query as StatisticsQuery, sampleFields, { now: NOW });

describe('what is refused', () => {
  const group = (fields: unknown, keys: unknown = [{ k: 'state', n: 'state' }]) => [{ group: { keys, fields } }];
  const project = (...fields: unknown[]) => [...group([{ n: 'a', o: 'count' }]), { project: { fields } }];
  const named = [{ k: 'name', v: 'a', o: 'eq' }];
  const condition = (one: object) => group([{ n: 'a', o: 'count', conditions: [one] }]);
  const byDate = (date_format: unknown, k = 'created_at') => group([], [{ k, n: 'd', date_format }]);

  it.each<[string, unknown, string]>([
    ['nothing', [], 'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate)'],
    [
      'no list',
      { group: {} },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate, type = list)',
    ],
    ['an empty stage', [{}], 'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0])'],
    [
      'two in one',
      [{ limit: 1, skip: 1 }],
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.aggregate[0], reason = a stage must be one alone, value = limit, skip)',
    ],
    [
      'an unknown stage',
      [{ lookup: {} }],
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.aggregate[0].lookup, reason = must be one of unwind, group, count, sort, project, limit, skip)',
    ],
    [
      'a stage of the database',
      [{ $out: 'x' }],
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.aggregate[0].$out, reason = must be one of unwind, group, count, sort, project, limit, skip)',
    ],
    [
      'a prototype',
      JSON.parse('[{"__proto__": {"a": 1}}]'),
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.aggregate[0].__proto__, reason = must be one of unwind, group, count, sort, project, limit, skip)',
    ],
    [
      'an empty group',
      [{ group: {} }],
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.keys)',
    ],
    [
      'a group key without name',
      group([], [{ k: 'state' }]),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.keys[0].name)',
    ],
    [
      'a group key without key',
      group([], [{ n: 'state' }]),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.keys[0].key)',
    ],
    [
      'an unknown group key',
      group([], [{ k: 'nope', n: 'x' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.keys[0].k, reason = unknown field, value = nope)',
    ],
    [
      'a name that is a path',
      group([], [{ k: 'state', n: 'a.b' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.keys[0].n, reason = a result cannot be called so, value = a.b)',
    ],
    [
      'a name that is an operator',
      group([{ n: '$sum', o: 'count' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].n, reason = a result cannot be called so, value = $sum)',
    ],
    [
      'the name _id',
      group([{ n: '_id', o: 'count' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].n, reason = a result cannot be called so, value = _id)',
    ],
    [
      'the name __proto__',
      group([{ n: '__proto__', o: 'count' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].n, reason = a result cannot be called so, value = __proto__)',
    ],
    [
      'the name constructor',
      group([{ n: 'constructor', o: 'count' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].n, reason = a result cannot be called so, value = constructor)',
    ],
    [
      'a name with NUL',
      group([{ n: 'a\0', o: 'count' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].n, reason = a result cannot be called so, value = a\0)',
    ],
    [
      'a name twice',
      group([{ n: 'state', o: 'count' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].name, reason = two results of one stage have this name, value = state)',
    ],
    [
      'no operator',
      group([{ n: 'a' }]),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.fields[0].operator)',
    ],
    [
      'an unknown operator',
      group([{ n: 'a', o: '$function', k: 'name' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].o, reason = unknown operator, value = $function)',
    ],
    [
      'an operator of Object',
      group([{ n: 'a', o: 'constructor', k: 'name' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].o, reason = unknown operator, value = constructor)',
    ],
    [
      'sum of nothing',
      group([{ n: 'a', o: 'sum' }]),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.fields[0].key)',
    ],
    [
      'sum of an expression',
      group([{ n: 'a', o: 'sum', k: '$$ROOT' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].k, reason = unknown field, value = $$ROOT)',
    ],
    [
      'push of nothing',
      group([{ n: 'a', o: 'push' }]),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.fields[0].key)',
    ],
    [
      'max under conditions',
      group([{ n: 'a', o: 'max', k: 'name', conditions: [{ k: 'name', v: 'a', o: 'eq' }] }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].conditions, reason = count, sum and average alone take conditions, value = max)',
    ],
    [
      'a bad condition',
      group([{ n: 'a', o: 'count', conditions: [{ k: 'name', v: 'a', o: 'contain' }] }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].conditions[0].o, reason = must be one of eq, not, lt, lte, gt, gte, value = contain)',
    ],
    [
      'a condition of a list',
      group([{ n: 'a', o: 'count', conditions: [{ k: 'endpoints', v: 'a', o: 'eq' }] }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].conditions[0].k, reason = a condition cannot ask of a list)',
    ],
    [
      'a condition of the wrong type',
      group([{ n: 'a', o: 'count', conditions: [{ k: 'name', v: 1, o: 'eq' }] }]),
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.aggregate[0].group.fields[0].conditions[0].v, type = string)',
    ],
    [
      'a date format of a text',
      byDate('year', 'name'),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.keys[0].date_format, reason = applies to a datetime field only, value = year)',
    ],
    [
      'an unknown date format',
      byDate('%Q'),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.keys[0].date_format, reason = must be year, month, day or of %Y %m %d %H %M %S %L %j %u %V, value = %Q)',
    ],
    [
      'a date format that ends early',
      byDate('%Y-%'),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.keys[0].date_format, reason = must be year, month, day or of %Y %m %d %H %M %S %L %j %u %V, value = %Y-%)',
    ],
    [
      'a date format that is no text',
      byDate({ $literal: 1 }),
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate[0].group.keys[0].date_format, type = string)',
    ],
    [
      'what the group left out',
      [...group([{ n: 'a', o: 'count' }]), { sort: [{ key: 'name' }] }],
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[1].sort[0].key, reason = unknown field, value = name)',
    ],
    [
      'an empty projection',
      project(),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[1].project.fields)',
    ],
    [
      'an unknown projection',
      project({ n: 'x', k: 'a', o: 'concat' }),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[1].project.fields[0].o, reason = unknown operator, value = concat)',
    ],
    [
      'one operand',
      project({ n: 'x', k: 'a', o: 'add' }),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[1].project.fields[0].k, reason = add takes 2 to 10 operands, value = a)',
    ],
    [
      'three operands',
      project({ n: 'x', k: 'a,a,a', o: 'divide' }),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[1].project.fields[0].k, reason = divide takes 2 operands, value = a,a,a)',
    ],
    [
      'an empty operand',
      project({ n: 'x', k: 'a,', o: 'add' }),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[1].project.fields[0].k, reason = unknown field, value = )',
    ],
    [
      'an operand that is no number',
      project({ n: 'x', k: 'a,1e9', o: 'add' }),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[1].project.fields[0].k, reason = unknown field, value = 1e9)',
    ],
    [
      'a count without name',
      [{ count: {} }],
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].count.name)',
    ],
    ['an empty sort', [{ sort: [] }], 'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].sort)'],
    [
      'a sort of the database',
      [{ sort: { name: 1 } }],
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate[0].sort, type = list)',
    ],
    [
      'limit 0',
      [{ limit: 0 }],
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.aggregate[0].limit, reason = must be from 1 to 2147483647, value = 0)',
    ],
    [
      'a negative skip',
      [{ skip: -1 }],
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.aggregate[0].skip, reason = must be from 0 to 2147483647, value = -1)',
    ],
    [
      'a limit that is no number',
      [{ limit: '1' }],
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate[0].limit, type = integer)',
    ],
    [
      'an unwind of a text',
      [{ unwind: { path: 'name' } }],
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].unwind.path, reason = not a list, value = name)',
    ],
    [
      'first under conditions',
      group([{ n: 'a', o: 'first', k: 'name', conditions: named }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].conditions, reason = count, sum and average alone take conditions, value = first)',
    ],
    [
      'push under conditions',
      group([{ n: 'a', o: 'push', k: 'name', conditions: named }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].conditions, reason = count, sum and average alone take conditions, value = push)',
    ],
    [
      'add_to_set under conditions',
      group([{ n: 'a', o: 'add_to_set', k: 'name', conditions: named }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].conditions, reason = count, sum and average alone take conditions, value = add_to_set)',
    ],
    [
      'merge_objects under conditions',
      group([{ n: 'a', o: 'merge_objects', k: 'labels', conditions: named }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].conditions, reason = count, sum and average alone take conditions, value = merge_objects)',
    ],
    [
      'a condition without value',
      condition({ k: 'name', o: 'eq' }),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.fields[0].conditions[0].value)',
    ],
    [
      'a condition without key',
      condition({ v: 'a', o: 'eq' }),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.fields[0].conditions[0].key)',
    ],
    [
      'a condition without operator',
      condition({ k: 'name', v: 'a' }),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.fields[0].conditions[0].operator)',
    ],
    [
      'an order of truth',
      condition({ k: 'is_public', v: true, o: 'gt' }),
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.aggregate[0].group.fields[0].conditions[0].v, type = string or number)',
    ],
    [
      'more than nothing',
      condition({ k: 'priority', v: null, o: 'gt' }),
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = query.aggregate[0].group.fields[0].conditions[0].v, type = number)',
    ],
    [
      'conditions that are no list',
      group([{ n: 'a', o: 'count', conditions: {} }]),
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate[0].group.fields[0].conditions, type = list)',
    ],
    [
      'keys that are no list',
      [{ group: { keys: {} } }],
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate[0].group.keys, type = list)',
    ],
    [
      'parts that are no list',
      group([{ n: 'a', o: 'push', fields: {} }]),
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate[0].group.fields[0].fields, type = list)',
    ],
    [
      'a part without name',
      group([{ n: 'a', o: 'push', fields: [{ k: 'name' }] }]),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[0].group.fields[0].fields[0].name)',
    ],
    [
      'the name prototype',
      group([{ n: 'prototype', o: 'count' }]),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.fields[0].n, reason = a result cannot be called so, value = prototype)',
    ],
    [
      'a long date format',
      byDate('%Y'.repeat(33)),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.keys[0].date_format, reason = must be year, month, day or of %Y %m %d %H %M %S %L %j %u %V, value = %Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y)',
    ],
    [
      'a date format with NUL',
      byDate('%Y\0'),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.keys[0].date_format, reason = must be year, month, day or of %Y %m %d %H %M %S %L %j %u %V, value = %Y\0)',
    ],
    [
      'a date format of a list',
      byDate('year', 'endpoints'),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[0].group.keys[0].date_format, reason = applies to a datetime field only, value = year)',
    ],
    [
      'fields that are no list',
      [{ project: { fields: {} } }],
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate[0].project.fields, type = list)',
    ],
    [
      'exclude_keys that are no truth',
      [{ project: { exclude_keys: 1 } }],
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.aggregate[0].project.exclude_keys, type = boolean)',
    ],
    [
      'a projection without key',
      project({ n: 'x' }),
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate[1].project.fields[0].key)',
    ],
    [
      'the size of a number',
      project({ n: 'x', k: '5', o: 'size' }),
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[1].project.fields[0].k, reason = unknown field, value = 5)',
    ],
    [
      'what the projection left out',
      [...project({ n: 'x', k: 'a' }), { sort: [{ key: 'a' }] }],
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[2].sort[0].key, reason = unknown field, value = a)',
    ],
    [
      'a key that was excluded',
      [
        ...group([{ n: 'a', o: 'count' }]),
        { project: { fields: [{ n: 'x', k: 'a' }], exclude_keys: true } },
        { sort: [{ key: 'state' }] },
      ],
      'ERROR_DB_QUERY: Query is invalid. (key = query.aggregate[2].sort[0].key, reason = unknown field, value = state)',
    ],
    [
      'too many stages',
      Array.from({ length: 21 }, () => ({ limit: 1 })),
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.aggregate, reason = must not have more than 20 items, value = 21)',
    ],
  ])('%s', (_, aggregate, refused) => expect(refusalOf(() => compile({ aggregate }))).toBe(refused));

  it.each<[unknown, string]>([
    [{}, 'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.aggregate)'],
    [
      { distinct: 'nope' },
      'ERROR_DB_QUERY: Query is invalid. (key = query.distinct, reason = unknown field, value = nope)',
    ],
    [
      { distinct: '$where' },
      'ERROR_DB_QUERY: Query is invalid. (key = query.distinct, reason = unknown field, value = $where)',
    ],
    [{ distinct: 5 }, 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.distinct, type = string)'],
    [
      { distinct: 'name', keyword: 5 },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.keyword, type = string)',
    ],
    [
      { distinct: 'name', page: 5 },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.page, type = object)',
    ],
    [
      { distinct: 'name', aggregate: [{ limit: 1 }] },
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.distinct, reason = cannot be asked for together with aggregate)',
    ],
    [[], 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query, type = object)'],
  ])('%j', (query, refused) => expect(refusalOf(() => compile(query))).toBe(refused));
});
