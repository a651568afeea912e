import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../test/query/refusal.js';
import { NOW, sampleFields } from '../../../test/query/sample.js';
import type { StatisticsQuery } from '../../generated/spaceone/api/core/v2/query.js';
import { compileStat } from './compile-stat.js';
import { readStat } from './read-stat.js';

const compile = (query?: unknown) => compileStat(query as StatisticsQuery, sampleFields, { now: NOW });
const stages = (...aggregate: unknown[]) => compile({ aggregate }).rows.slice(0, -1);
const orNull = (path: string) => ({ $ifNull: [`$${path}`, null] });
const byState = { keys: [{ k: 'state', n: 'state' }] };
const groupField = (field: object) => stages({ group: { ...byState, fields: [{ n: 'x', ...field }] } })[0]?.['$group'];

describe('group', () => {
  it('answers its keys as plain fields', () => {
    const group = { keys: [{ key: 'state', name: 'state' }], fields: [{ name: 'count', operator: 'count' }] };
    expect(stages({ group })).toEqual([
      { $group: { _id: { state: orNull('state') }, count: { $sum: 1 } } },
      { $project: { _id: 0, state: '$_id.state', count: 1 } },
    ]);
  });

  it('makes one row of all without keys', () => {
    expect(stages({ group: { fields: [{ n: 'count', o: 'count' }] } })[0]).toEqual({
      $group: { _id: null, count: { $sum: 1 } },
    });
  });

  it.each<[object, object]>([
    [{ o: 'sum', k: 'restarts' }, { $sum: orNull('stats.restarts') }],
    [{ o: 'average', k: 'priority' }, { $avg: orNull('priority') }],
    [{ o: 'max', k: 'created_at' }, { $max: orNull('created_at') }],
    [{ o: 'min', k: 'priority' }, { $min: orNull('priority') }],
    [{ o: 'first', k: 'name' }, { $first: orNull('name') }],
    [{ o: 'last', k: 'labels.env' }, { $last: orNull('labels.env') }],
    [{ o: 'push', k: 'name' }, { $push: '$name' }],
    [{ o: 'push', fields: [{ k: 'name', n: 'n' }] }, { $push: { n: orNull('name') } }],
    [{ o: 'add_to_set', k: 'name' }, { $addToSet: '$name' }],
    [
      { o: 'merge_objects', k: 'labels' },
      { $mergeObjects: { $cond: [{ $eq: [{ $type: orNull('labels') }, 'object'] }, orNull('labels'), null] } },
    ],
  ])('%j', (field, expression) => expect(groupField(field)).toMatchObject({ x: expression }));

  it('counts, sums and averages under conditions', () => {
    const conditions = [
      { k: 'state', v: '$name', o: 'eq' },
      { k: 'priority', v: 3, o: 'gt' },
    ];
    const is = {
      $and: [
        { $eq: [orNull('state'), { $literal: '$name' }] },
        { $and: [{ $isNumber: orNull('priority') }, { $gt: [orNull('priority'), { $literal: 3 }] }] },
      ],
    };
    expect(groupField({ o: 'count', conditions })).toMatchObject({ x: { $sum: { $cond: [is, 1, 0] } } });
    expect(groupField({ o: 'average', k: 'restarts', conditions })).toMatchObject({
      x: { $avg: { $cond: [is, orNull('stats.restarts'), null] } },
    });
  });

  it.each<[string, unknown]>([
    ['year', { $year: '$created_at' }],
    ['month', { $month: '$created_at' }],
    ['day', { $dayOfMonth: '$created_at' }],
    ['%Y-%m-%d', { $dateToString: { format: { $literal: '%Y-%m-%d' }, date: '$created_at' } }],
    ['$created_at', { $dateToString: { format: { $literal: '$created_at' }, date: '$created_at' } }],
  ])('by date: %s', (date_format, expression) => {
    const [group] = stages({ group: { keys: [{ k: 'created_at', n: 'at', date_format }] } });
    expect(group).toEqual({ $group: { _id: { at: expression } } });
  });
});

describe('other stages', () => {
  const grouped = {
    group: {
      ...byState,
      fields: [
        { n: 'names', o: 'push', k: 'name' },
        { n: 'a', o: 'count' },
      ],
    },
  };
  const project = (field: object, more: object = {}) =>
    stages(grouped, { project: { fields: [{ n: 'x', ...field }], ...more } })[2]?.['$project'];
  const number = (path: string) => ({ $cond: [{ $isNumber: orNull(path) }, orNull(path), null] });

  it('run in the order given, each naming what the one before left', () => {
    const aggregate = [
      { unwind: { path: 'endpoints' } },
      grouped,
      { sort: [{ key: 'a', desc: true }, { key: 'state' }] },
      { skip: 1 },
      { limit: 5 },
      { count: { name: 'total' } },
    ];
    expect(stages(...aggregate).map((stage) => Object.entries(stage)[0])).toEqual([
      ['$unwind', '$endpoints'],
      ['$group', expect.anything()],
      ['$project', expect.anything()],
      ['$sort', { a: -1, state: 1 }],
      ['$skip', 1],
      ['$limit', 5],
      ['$count', 'total'],
    ]);
  });

  it('keep the keys of the group before, unless told otherwise', () => {
    const x = { k: 'a' };
    expect(project(x)).toEqual({ _id: 0, state: 1, x: orNull('a') });
    expect(project(x, { exclude_keys: true })).toEqual({ _id: 0, x: orNull('a') });
  });

  it.each<[object, object]>([
    [{ o: 'size', k: 'names' }, { $cond: [{ $isArray: [orNull('names')] }, { $size: orNull('names') }, null] }],
    [{ o: 'sum', k: 'names' }, { $cond: [{ $isArray: [orNull('names')] }, { $sum: orNull('names') }, null] }],
    [{ o: 'add', k: 'a, a,2.5' }, { $add: [number('a'), number('a'), expect.anything()] }],
    [{ o: 'subtract', k: 'a,a' }, { $subtract: [number('a'), number('a')] }],
    [{ o: 'multiply', k: 'a,a' }, { $multiply: [number('a'), number('a')] }],
    [{ o: 'divide', k: 'a,a' }, { $cond: [{ $ne: [orNull('a'), 0] }, { $divide: [number('a'), number('a')] }, null] }],
  ])('project %j', (field, expression) => expect(project(field)).toMatchObject({ x: expression }));

  it('answer the fields of the resource alone when no stage shapes the rows', () => {
    const [, project] = stages({ limit: 3 });
    expect(Object.keys(project?.['$project'] as object)).toEqual(['_id', ...sampleFields.scope.keys()]);
    expect(project).toMatchObject({ $project: { _id: 0, supervisor_id: '$_id', restarts: '$stats.restarts' } });
  });

  it('page what comes out of them', () => {
    const { rows, count } = compile({ aggregate: [grouped], page: { start: 3, limit: 2 } });
    expect(rows.slice(-2)).toEqual([{ $skip: 2 }, { $limit: 2 }]);
    expect(count?.at(-1)).toEqual({ $count: 'total_count' });
    expect(compile({ aggregate: [grouped] }).count).toBeUndefined();
    expect(compile({ aggregate: [grouped] }).rows.at(-1)).toEqual({ $limit: 1000 });
  });

  it('look at what the filter and the keyword let pass', () => {
    const filter = [{ k: 'state', v: 'ENABLED', o: 'eq' }];
    const { rows } = compile({ aggregate: [grouped], filter, keyword: 'a' });
    expect(rows[0]).toEqual({ $match: { $and: [{ state: { $eq: 'ENABLED' } }, { $or: expect.any(Array) }] } });
  });
});

describe('what is refused', () => {
  const group = (fields: unknown, keys: unknown = [{ k: 'state', n: 'state' }]) => [{ group: { keys, fields } }];
  const project = (...fields: unknown[]) => [...group([{ n: 'a', o: 'count' }]), { project: { fields } }];
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
      { distinct: 'name', aggregate: [{ limit: 1 }] },
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.distinct, reason = cannot be asked for together with aggregate)',
    ],
    [[], 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query, type = object)'],
  ])('%j', (query, refused) => expect(refusalOf(() => compile(query))).toBe(refused));
});

describe('the answer', () => {
  it('is JSON: dates are texts, and what is no number is null', () => {
    const rows = [{ at: new Date('2026-01-01'), n: { a: [1n, Infinity] }, none: undefined }];
    expect(readStat(compile({ aggregate: [{ limit: 1 }] }), rows)).toEqual({
      results: [{ at: '2026-01-01T00:00:00.000Z', n: { a: [1, null] }, none: null }],
    });
  });

  it('has values for distinct, and the total for a page', () => {
    const compiled = compile({ distinct: 'state', page: { limit: 2 } });
    const rows = [{ value: 'a' }, { value: 'b' }];
    expect(readStat(compiled, rows, [{ total_count: 3 }])).toEqual({ results: ['a', 'b'], total_count: 3 });
    expect(readStat(compiled, [], [])).toEqual({ results: [], total_count: 0 });
  });
});
