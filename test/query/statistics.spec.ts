import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatisticsQuery } from '../../src/generated/spaceone/api/core/v2/query.js';
import { compileStat, readStat, type StatAnswer } from '../../src/query/index.js';
import { size } from '../support/layer.js';
import { anyCondition } from './arbitrary-queries.js';
import { collection, type Row } from './collection.js';
import { openDatabase, type TestDatabase } from './database.js';
import { passes } from './oracle.js';
import { NOW, sampleFields } from './sample.js';

const at = (iso: string) => new Date(iso);
const few: Row[] = [
  {
    _id: 'a',
    name: 'one',
    state: 'ENABLED',
    is_public: true,
    priority: 1,
    labels: { env: 'prod', n: 1 },
    tags: { hours: [1, 2, 3], mixed: [1, 'x', 2], pairs: [{ k: 'x', v: 1, extra: 1 }, { v: 2 }, 'y', { k: 'z' }] },
    endpoints: ['e1', 'e2'],
    plugins: [{ id: 'p', n: 1 }, { id: 'q' }],
    stats: { restarts: 4 },
    created_at: at('2026-01-31T23:30:00Z'),
  },
  {
    _id: 'b',
    name: 'two',
    state: 'ENABLED',
    is_public: false,
    priority: 3,
    labels: { env: 'test', $where: 1 },
    tags: {},
    endpoints: ['e2'],
    plugins: [],
    stats: { restarts: 0 },
    created_at: at('2026-02-01T00:30:00Z'),
  },
  {
    _id: 'c',
    name: 'three',
    state: 'PENDING',
    is_public: false,
    priority: null,
    created_at: at('2025-12-29T01:02:03.004Z'),
  },
];

let database: TestDatabase;
const stat = async (query: StatisticsQuery): Promise<StatAnswer> => {
  const compiled = compileStat(query, sampleFields, { now: NOW });
  const [rows, count] = await Promise.all([
    database.aggregate(compiled.rows),
    compiled.count === undefined ? [] : database.aggregate(compiled.count),
  ]);
  return readStat(compiled, rows, count);
};
const aggregate = async (...stages: unknown[]) => (await stat({ aggregate: stages as object[] })).results;

describe('statistics', () => {
  beforeAll(async () => {
    database = await openDatabase(few);
  });
  afterAll(() => database.close());

  const byState = { keys: [{ key: 'state', name: 'state' }] };
  const first = { sort: [{ key: 'state' }] };
  const inOrder = { sort: [{ key: 'supervisor_id' }] };
  const [yes, no] = ['ENABLED', 'PENDING'];

  it.each<[object, unknown, unknown]>([
    [{ operator: 'count' }, 2, 1],
    [{ operator: 'sum', key: 'restarts' }, 4, 0],
    [{ operator: 'sum', key: 'name' }, 0, 0],
    [{ operator: 'average', key: 'priority' }, 2, null],
    [{ operator: 'max', key: 'priority' }, 3, null],
    [{ operator: 'min', key: 'priority' }, 1, null],
    [{ operator: 'max', key: 'created_at' }, '2026-02-01T00:30:00.000Z', '2025-12-29T01:02:03.004Z'],
    [{ operator: 'first', key: 'name' }, 'one', 'three'],
    [{ operator: 'last', key: 'name' }, 'two', 'three'],
    [{ operator: 'first', key: 'labels.n' }, 1, null],
    [{ operator: 'push', key: 'name' }, ['one', 'two'], ['three']],
    [
      {
        operator: 'push',
        fields: [
          { k: 'name', n: 'n' },
          { k: 'labels.env', n: 'env' },
        ],
      },
      [
        { n: 'one', env: 'prod' },
        { n: 'two', env: 'test' },
      ],
      [{ n: 'three', env: null }],
    ],
    [{ operator: 'add_to_set', key: 'is_public' }, expect.arrayContaining([true, false]), [false]],
    [{ operator: 'merge_objects', key: 'labels' }, { env: 'test', n: 1, $where: 1 }, {}],
    [{ operator: 'merge_objects', key: 'labels.env' }, {}, {}],
    [{ operator: 'count', conditions: [{ k: 'priority', v: 1, o: 'gt' }] }, 1, 0],
    [{ operator: 'count', conditions: [{ k: 'priority', v: 9, o: 'lt' }] }, 2, 0],
    [{ operator: 'count', conditions: [{ k: 'priority', v: null, o: 'eq' }] }, 0, 1],
    [{ operator: 'count', conditions: [{ k: 'name', v: '$name', o: 'eq' }] }, 0, 0],
    [{ operator: 'count', conditions: [{ k: 'created_at', v: '2026-02-01', o: 'gte' }] }, 1, 0],
    [{ operator: 'average', key: 'restarts', conditions: [{ k: 'is_public', v: true, o: 'eq' }] }, 4, null],
    [{ operator: 'sum', key: 'priority', conditions: [{ k: 'name', v: 'one', o: 'not' }] }, 3, 0],
  ])('group by state: %j', async (field, enabled, pending) => {
    const group = { ...byState, fields: [{ name: 'x', ...field }] };
    expect(await aggregate(inOrder, { group }, first)).toEqual([
      { state: yes, x: enabled },
      { state: no, x: pending },
    ]);
  });

  it.each<[string, unknown[]]>([
    ['year', [2025, 2026, 2026]],
    ['month', [12, 1, 2]],
    ['day', [29, 31, 1]],
    ['%Y-%m-%d', ['2025-12-29', '2026-01-31', '2026-02-01']],
    ['%Y', ['2025', '2026', '2026']],
    ['%H:%M:%S.%L', ['01:02:03.004', '23:30:00.000', '00:30:00.000']],
    [
      'day %j, weekday %u, week %V',
      ['day 363, weekday 1, week 01', 'day 031, weekday 6, week 05', 'day 032, weekday 7, week 05'],
    ],
    ['$name', ['$name', '$name', '$name']],
  ])('group by date: %s', async (date_format, values) => {
    const group = {
      keys: [{ k: 'created_at', n: 'at', date_format }],
      fields: [{ n: 'first', o: 'min', k: 'created_at' }],
    };
    const found = (await aggregate({ group }, { sort: [{ key: 'first' }] })) as { at: unknown }[];
    expect(found.map((row) => row.at)).toEqual([...new Set(values)]);
  });

  it.each<[object, unknown[]]>([
    [{ k: 'endpoints', o: 'size' }, [2, 1, null]],
    [{ k: 'tags.hours', o: 'sum' }, [6, null, null]],
    [{ k: 'tags.mixed', o: 'sum' }, [3, null, null]],
    [{ k: 'labels.env', o: 'size' }, [null, null, null]],
    [{ k: 'tags.pairs', o: 'array_to_object' }, [{ x: 1, z: null }, null, null]],
    [{ k: 'tags.hours', o: 'array_to_object' }, [{}, null, null]],
    [
      { k: 'labels', o: 'object_to_array' },
      [
        [
          { k: 'env', v: 'prod' },
          { k: 'n', v: 1 },
        ],
        [
          { k: 'env', v: 'test' },
          { k: '$where', v: 1 },
        ],
        null,
      ],
    ],
    [{ k: 'name', o: 'object_to_array' }, [null, null, null]],
    [{ k: 'priority,restarts', o: 'add' }, [5, 3, null]],
    [{ k: 'priority,restarts,0.5', o: 'add' }, [5.5, 3.5, null]],
    [{ k: 'priority,name', o: 'add' }, [null, null, null]],
    [{ k: 'priority,restarts', o: 'subtract' }, [-3, 3, null]],
    [{ k: 'priority,-2', o: 'multiply' }, [-2, -6, null]],
    [{ k: 'priority,restarts', o: 'divide' }, [0.25, null, null]],
    [{ k: 'priority,name', o: 'divide' }, [null, null, null]],
    [{ k: 'labels.env' }, ['prod', 'test', null]],
    [{ k: 'supervisor_id' }, ['a', 'b', 'c']],
  ])('project %j', async (field, values) => {
    const project = { fields: [{ n: 'x', ...field }] };
    expect(await aggregate(inOrder, { project })).toEqual(values.map((x) => ({ x })));
  });

  it('runs stages in order: elements, groups of groups, windows', async () => {
    const perEndpoint = {
      keys: [{ k: 'endpoints', n: 'endpoint' }],
      fields: [
        { n: 'users', o: 'push', k: 'name' },
        { n: 'count', o: 'count' },
      ],
    };
    const sort = [{ key: 'count', desc: true }];
    const grouped = [
      { endpoint: 'e2', users: ['one', 'two'], count: 2 },
      { endpoint: 'e1', users: ['one'], count: 1 },
    ];
    const stages = [inOrder, { unwind: { path: 'endpoints' } }, { group: perEndpoint }, { sort }];
    expect(await aggregate(...stages)).toEqual(grouped);
    expect(await aggregate(...stages, { skip: 1 }, { limit: 1 })).toEqual([grouped[1]]);
    expect(await aggregate(...stages, { count: { name: 'endpoints' } })).toEqual([{ endpoints: 2 }]);
    const project = { fields: [{ k: 'users', n: 'size', o: 'size' }] };
    expect(await aggregate(...stages, { project })).toEqual([
      { endpoint: 'e2', size: 2 },
      { endpoint: 'e1', size: 1 },
    ]);
    expect(await aggregate(...stages, { project: { ...project, exclude_keys: true } })).toEqual([
      { size: 2 },
      { size: 1 },
    ]);
    expect(
      await aggregate(...stages, { unwind: { path: 'users', filter: [{ k: 'users', v: 'tw', o: 'contain' }] } }),
    ).toEqual([{ endpoint: 'e2', users: 'two', count: 2 }]);
    const again = {
      keys: [],
      fields: [
        { n: 'most', o: 'max', k: 'count' },
        { n: 'all', o: 'push', k: 'users' },
      ],
    };
    expect(await aggregate(...stages, { group: again })).toEqual([{ most: 2, all: [['one', 'two'], ['one']] }]);
  });

  it('answers no row where there is nothing to count', async () => {
    const filter = [{ k: 'name', v: 'nobody', o: 'eq' }];
    expect(await stat({ filter, aggregate: [{ count: { name: 'n' } }] })).toEqual({ results: [] });
  });

  it('tells the resource its fields and nothing stored beside them', async () => {
    const [row] = await aggregate(inOrder, { limit: 1 });
    expect(row).toMatchObject({ supervisor_id: 'a', restarts: 4, created_at: '2026-01-31T23:30:00.000Z' });
    expect(row).not.toHaveProperty('_id');
    expect(row).not.toHaveProperty('stats');
  });

  it.each<[string, unknown[]]>([
    ['state', ['ENABLED', 'PENDING']],
    ['is_public', [false, true]],
    ['priority', [1, 3]],
    ['endpoints', ['e1', 'e2']],
    ['restarts', [0, 4]],
    ['labels.env', ['prod', 'test']],
    ['labels.nothing', []],
    ['tags.hours', [1, 2, 3]],
    ['plugins.id', ['p', 'q']],
    ['created_at', ['2025-12-29T01:02:03.004Z', '2026-01-31T23:30:00.000Z', '2026-02-01T00:30:00.000Z']],
  ])('distinct %s', async (distinct, values) => expect(await stat({ distinct })).toEqual({ results: values }));

  it('pages its results, and tells how many there are', async () => {
    expect(await stat({ distinct: 'name', page: { start: 2, limit: 1 } })).toEqual({
      results: ['three'],
      total_count: 3,
    });
    const group = { keys: [{ k: 'name', n: 'name' }], fields: [] };
    expect(await stat({ aggregate: [{ group }, { sort: [{ key: 'name' }] }], page: { start: 3, limit: 5 } })).toEqual({
      results: [{ name: 'two' }],
      total_count: 3,
    });
    expect(await stat({ distinct: 'name', page: { start: 9, limit: 1 } })).toEqual({ results: [], total_count: 3 });
  });
});

describe('generated statistics', () => {
  const rows = collection(60, 11);
  beforeAll(async () => {
    database = await openDatabase(rows);
  });
  afterAll(() => database.close());

  it('count, sum and range what a plain evaluation does', { tags: ['sized'] }, async () => {
    const key = fc.constantFrom('state', 'is_public', 'hostname');
    await fc.assert(
      fc.asyncProperty(fc.array(anyCondition, { maxLength: 2 }), key, async (filter, name) => {
        const fields = [
          { n: 'count', o: 'count' },
          { n: 'sum', o: 'sum', k: 'priority' },
          { n: 'min', o: 'min', k: 'priority' },
          { n: 'max', o: 'max', k: 'priority' },
          { n: 'positive', o: 'count', conditions: [{ k: 'priority', v: 0, o: 'gt' }] },
        ];
        const group = { keys: [{ k: name, n: 'key' }], fields };
        const { results } = await stat({ filter, aggregate: [{ group }, { sort: [{ key: 'key' }] }] });
        const wanted = new Map<unknown, number[]>();
        const counts = new Map<unknown, number>();
        for (const row of rows.filter((each) => passes(each, { filter }))) {
          const value = row[name] ?? null;
          counts.set(value, (counts.get(value) ?? 0) + 1);
          const priorities = typeof row['priority'] === 'number' ? [row['priority']] : [];
          wanted.set(value, [...(wanted.get(value) ?? []), ...priorities]);
        }
        expect(results).toHaveLength(wanted.size);
        expect(results).toEqual(
          expect.arrayContaining(
            [...wanted].map(([value, numbers]) => ({
              key: value,
              count: counts.get(value),
              sum: numbers.reduce((sum, each) => sum + each, 0),
              min: numbers.length > 0 ? Math.min(...numbers) : null,
              max: numbers.length > 0 ? Math.max(...numbers) : null,
              positive: numbers.filter((each) => each > 0).length,
            })),
          ),
        );
      }),
      { numRuns: size(100, 1_000) },
    );
  });
});
