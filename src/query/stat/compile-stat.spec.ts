import { describe, expect, it } from 'vitest';
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

  it('take an entry of a map by its whole name, commas and all', () => {
    const [project] = stages({ project: { fields: [{ n: 'x', k: 'labels.a,b', o: 'size' }] } });
    const x = { $cond: [{ $isArray: [orNull('labels.a,b')] }, { $size: orNull('labels.a,b') }, null] };
    expect(project).toEqual({ $project: { _id: 0, x } });
  });

  it('take a date format of 64 characters', () => {
    const [stage] = stages({ group: { keys: [{ k: 'created_at', n: 'at', date_format: '%Y'.repeat(32) }] } });
    expect(stage?.['$group']).toMatchObject({ _id: { at: { $dateToString: {} } } });
  });

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
