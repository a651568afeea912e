import { expect } from 'vitest';
import type { Row } from '../collection.js';

/** A statistics query, as callers send it. */
type Asked = Record<string, unknown>;

const at = (iso: string) => new Date(iso);
/** What the queries below are asked of. */
export const few: Row[] = [
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

const byState = { keys: [{ key: 'state', name: 'state' }] };
const first = { sort: [{ key: 'state' }] };
const inOrder = { sort: [{ key: 'supervisor_id' }] };
const [yes, no] = ['ENABLED', 'PENDING'];

/** A field of groups by state, and its values. */
const groups: [field: object, enabled: unknown, pending: unknown][] = [
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
  [{ operator: 'count', conditions: [{ k: 'priority', v: null, o: 'not' }] }, 2, 0],
  [{ operator: 'count', conditions: [{ k: 'priority', v: 3, o: 'lt' }] }, 1, 0],
  [{ operator: 'count', conditions: [{ key: 'priority', value: 3, operator: 'lte' }] }, 2, 0],
  [{ operator: 'count', conditions: [{ k: 'priority', v: 3, o: 'gt' }] }, 0, 0],
  [{ operator: 'count', conditions: [{ k: 'priority', v: 3, o: 'gte' }] }, 1, 0],
  [{ operator: 'count', conditions: [{ k: 'name', v: 'one', o: 'gt' }] }, 1, 1],
  [{ operator: 'count', conditions: [{ k: 'labels.env', v: 'z', o: 'lt' }] }, 2, 0],
  [{ operator: 'count', conditions: [{ k: 'labels.n', v: 'z', o: 'lt' }] }, 0, 0],
  [{ operator: 'count', conditions: [{ k: 'created_at', v: '2026-02-01', o: 'lt' }] }, 1, 1],
  [{ operator: 'count', conditions: [{ k: 'name', v: '$name', o: 'eq' }] }, 0, 0],
  [{ operator: 'count', conditions: [{ k: 'created_at', v: '2026-02-01', o: 'gte' }] }, 1, 0],
  [{ operator: 'average', key: 'restarts', conditions: [{ k: 'is_public', v: true, o: 'eq' }] }, 4, null],
  [{ operator: 'sum', key: 'priority', conditions: [{ k: 'name', v: 'one', o: 'not' }] }, 3, 0],
];

/** A format that groups dates, and the groups in the order of time. */
const dates: [format: string, values: unknown[]][] = [
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
];

/** A field of a projection, and its values row by row. */
const projections: [field: object, values: unknown[]][] = [
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
  [{ key: 'priority,10.25,-100', operator: 'add' }, [-88.75, -86.75, null]],
  [{ k: 'priority,restarts', o: 'subtract' }, [-3, 3, null]],
  [{ k: 'priority,-2', o: 'multiply' }, [-2, -6, null]],
  [{ k: 'priority,restarts', o: 'divide' }, [0.25, null, null]],
  [{ k: 'priority,name', o: 'divide' }, [null, null, null]],
  [{ k: 'labels.env' }, ['prod', 'test', null]],
  [{ k: 'supervisor_id' }, ['a', 'b', 'c']],
];

const distinct: [name: string, values: unknown[]][] = [
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
];

const perEndpoint = {
  keys: [{ k: 'endpoints', n: 'endpoint' }],
  fields: [
    { n: 'users', o: 'push', k: 'name' },
    { n: 'count', o: 'count' },
  ],
};
const stages = [
  inOrder,
  { unwind: { path: 'endpoints' } },
  { group: perEndpoint },
  { sort: [{ key: 'count', desc: true }] },
];
const grouped = [
  { endpoint: 'e2', users: ['one', 'two'], count: 2 },
  { endpoint: 'e1', users: ['one'], count: 1 },
];
const sizes = { fields: [{ k: 'users', n: 'size', o: 'size' }] };
const longUsers = { path: 'users', filter: [{ k: 'users', v: 'tw', o: 'contain' }] };
const again = {
  keys: [],
  fields: [
    { n: 'most', o: 'max', k: 'count' },
    { n: 'all', o: 'push', k: 'users' },
  ],
};

/** Stages one after another, each on what the one before left. */
const pipelines: [stages: object[], results: unknown[]][] = [
  [stages, grouped],
  [[...stages, { skip: 1 }, { limit: 1 }], [grouped[1]]],
  [[...stages, { skip: 0 }], grouped],
  [[...stages, { count: { name: 'endpoints' } }], [{ endpoints: 2 }]],
  [[...stages, { count: { name: 'n' } }, { project: { fields: [{ k: 'n,1', n: 'more', o: 'add' }] } }], [{ more: 3 }]],
  [
    [...stages, { project: sizes }],
    [
      { endpoint: 'e2', size: 2 },
      { endpoint: 'e1', size: 1 },
    ],
  ],
  [
    [...stages, { project: { ...sizes, exclude_keys: true } }],
    [{ size: 2 }, { size: 1 }],
  ],
  [
    [...stages, { project: sizes }, { sort: [{ key: 'size' }, { key: 'endpoint' }] }, { limit: 1 }],
    [{ endpoint: 'e1', size: 1 }],
  ],
  // A result is a field of its own type to the next stage.
  [
    [
      { group: { fields: [{ n: 'last', o: 'max', k: 'created_at' }] } },
      { group: { keys: [{ k: 'last', n: 'year', date_format: 'year' }] } },
      { sort: [{ key: 'year' }] },
    ],
    [{ year: 2026 }],
  ],
  [
    [
      { group: { fields: [{ n: 'x', o: 'min', k: 'created_at' }] } },
      { project: { fields: [{ k: 'x', n: 'y' }] } },
      { group: { keys: [{ k: 'y', n: 'month', date_format: 'month' }] } },
    ],
    [{ month: 12 }],
  ],
  [
    [inOrder, { group: { fields: [{ n: 'x', o: 'first', k: 'endpoints' }] } }, { unwind: { path: 'x' } }],
    [{ x: 'e1' }, { x: 'e2' }],
  ],
  [
    [
      inOrder,
      { group: { fields: [{ n: 'rows', o: 'push', fields: [{ k: 'name', n: 'n' }] }] } },
      { unwind: { path: 'rows' } },
      { sort: [{ key: 'rows.n' }] },
      { limit: 1 },
    ],
    [{ rows: { n: 'one' } }],
  ],
  [
    [
      inOrder,
      { group: { fields: [{ n: 'all', o: 'push', k: 'endpoints' }] } },
      { unwind: { path: 'all' } },
      { limit: 1 },
    ],
    [{ all: ['e1', 'e2'] }],
  ],
  [
    [
      {
        group: {
          ...byState,
          fields: [
            { n: 'sum', o: 'sum', k: 'priority' },
            { n: 'n', o: 'count' },
          ],
        },
      },
      {
        group: {
          fields: [
            { n: 'high', o: 'count', conditions: [{ k: 'sum', v: 3, o: 'gt' }] },
            { n: 'many', o: 'count', conditions: [{ k: 'n', v: 1, o: 'gt' }] },
          ],
        },
      },
    ],
    [{ high: 1, many: 1 }],
  ],
  [
    [
      inOrder,
      { group: { fields: [{ n: 'x', o: 'merge_objects', k: 'labels' }] } },
      { project: { fields: [{ k: 'x.env', n: 'env' }] } },
    ],
    [{ env: 'test' }],
  ],
  [
    [
      inOrder,
      { limit: 1 },
      {
        project: {
          fields: [
            { k: 'tags.pairs', n: 'x', o: 'array_to_object' },
            { k: 'labels', n: 'y', o: 'object_to_array' },
          ],
        },
      },
      { unwind: { path: 'y' } },
      {
        project: {
          fields: [
            { k: 'x.x', n: 'x' },
            { k: 'y.k', n: 'k' },
          ],
        },
      },
    ],
    [
      { x: 1, k: 'env' },
      { x: 1, k: 'n' },
    ],
  ],
  [
    [inOrder, { limit: 1, skip: null, group: undefined }, { project: { fields: [{ key: 'name', name: 'x' }] } }],
    [{ x: 'one' }],
  ],
  [[...stages, { unwind: longUsers }], [{ endpoint: 'e2', users: 'two', count: 2 }]],
  [[...stages, { group: again }], [{ most: 2, all: [['one', 'two'], ['one']] }]],
  [
    [
      ...stages,
      { group: again },
      { unwind: { path: 'all' } },
      { project: { fields: [{ k: 'all', n: 'n', o: 'size' }] } },
    ],
    [{ n: 2 }, { n: 1 }],
  ],
];

const byName = { group: { keys: [{ k: 'name', n: 'name' }], fields: [] } };

/** Queries with their whole answers. */
const answers: [query: Asked, answer: object][] = [
  [{ filter: [{ k: 'name', v: 'nobody', o: 'eq' }], aggregate: [{ count: { name: 'n' } }] }, { results: [] }],
  [{ keyword: 'o', aggregate: [{ count: { name: 'n' } }] }, { results: [{ n: 2 }] }],
  [
    { distinct: 'name', page: { start: 2, limit: 1 } },
    { results: ['three'], total_count: 3 },
  ],
  [
    { aggregate: [byName, { sort: [{ key: 'name' }] }], page: { start: 3, limit: 5 } },
    { results: [{ name: 'two' }], total_count: 3 },
  ],
  [
    { distinct: 'name', page: { start: 9, limit: 1 } },
    { results: [], total_count: 3 },
  ],
  [
    { aggregate: [inOrder, { limit: 1 }] },
    {
      results: [
        {
          supervisor_id: 'a',
          name: 'one',
          state: 'ENABLED',
          is_public: true,
          priority: 1,
          labels: { env: 'prod', n: 1 },
          tags: few[0]?.['tags'],
          endpoints: ['e1', 'e2'],
          plugins: [{ id: 'p', n: 1 }, { id: 'q' }],
          restarts: 4,
          created_at: '2026-01-31T23:30:00.000Z',
        },
      ],
    },
  ],
];

/** Statistics queries of {@link few}, and what they answer. */
export const statistics: [query: Asked, answer: unknown][] = [
  ...groups.map(([field, enabled, pending]): [Asked, unknown] => [
    { aggregate: [inOrder, { group: { ...byState, fields: [{ name: 'x', ...field }] } }, first] },
    {
      results: [
        { state: yes, x: enabled },
        { state: no, x: pending },
      ],
    },
  ]),
  ...dates.map(([date_format, values]): [Asked, unknown] => {
    const keys = [{ k: 'created_at', n: 'at', date_format }];
    const fields = [{ n: 'first', o: 'min', k: 'created_at' }];
    const aggregate = [{ group: { keys, fields } }, { sort: [{ key: 'first' }] }];
    return [{ aggregate }, { results: [...new Set(values)].map((at) => expect.objectContaining({ at }) as unknown) }];
  }),
  ...projections.map(([field, values]): [Asked, unknown] => [
    { aggregate: [inOrder, { project: { fields: [{ n: 'x', ...field }] } }] },
    { results: values.map((x) => ({ x })) },
  ]),
  ...pipelines.map(([aggregate, results]): [Asked, unknown] => [{ aggregate }, { results }]),
  ...distinct.map(([name, values]): [Asked, unknown] => [{ distinct: name }, { results: values }]),
  ...answers,
];
