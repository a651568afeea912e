import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../test/query/refusal.js';
import { NOW, sampleFields } from '../../../test/query/sample.js';
import type { Query } from '../../generated/spaceone/api/core/v2/query.js';
import { compileQuery } from './compile-query.js';

const compile = (query?: unknown) => compileQuery(query as Query, sampleFields, { now: NOW });
const refusal = (code: string, text = '') => expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('a list query', () => {
  it.each([undefined, {}])('asks for everything when it is %j, up to what one answer may have', (query) => {
    expect(compile(query)).toEqual({
      filter: {},
      sort: { created_at: -1, _id: 1 },
      skip: 0,
      limit: 1000,
      projection: undefined,
      countOnly: false,
      unwinds: false,
      rows: [{ $sort: { created_at: -1, _id: 1 } }, { $limit: 1000 }],
      count: [{ $count: 'total_count' }],
    });
  });

  it('makes one pipeline for the rows and one for their number', () => {
    const query = {
      filter: [{ k: 'state', v: 'ENABLED', o: 'eq' }],
      keyword: 'web',
      sort: [{ key: 'name', desc: true }, { key: 'labels.env' }],
      page: { start: 11, limit: 10 },
      only: ['supervisor_id', 'name'],
    };
    const { filter, rows, count, projection } = compile(query);
    expect(projection).toEqual({ _id: 1, name: 1 });
    expect(filter).toEqual({ $and: [{ state: { $eq: 'ENABLED' } }, { $or: expect.any(Array) }] });
    expect(rows).toEqual([
      { $match: filter },
      { $sort: { name: -1, 'labels.env': 1, _id: 1 } },
      { $skip: 10 },
      { $limit: 10 },
      { $project: { _id: 1, name: 1 } },
    ]);
    expect(count).toEqual([{ $match: filter }, { $count: 'total_count' }]);
  });

  it('may want nothing but the number', () => expect(compile({ count_only: true }).countOnly).toBe(true));

  it('names the keyword that is too long', () => {
    expect(refusalOf(() => compile({ keyword: 'x'.repeat(257) }))).toContain('(key = query.keyword, reason =');
  });

  it('takes the empty lookup and add_fields of proto3', () => {
    expect(compile({ lookup: null, add_fields: null, page: null, unwind: null }).filter).toEqual({});
    expect(compile({ lookup: [], add_fields: {} }).filter).toEqual({});
  });

  it.each([
    [{ lookup: [{ from: 'secrets' }] }, 'query.lookup'],
    [{ lookup: 'x' }, 'query.lookup'],
    [{ lookup: 5 }, 'query.lookup'],
    [{ add_fields: { a: '$b' } }, 'query.add_fields'],
  ])('refuses %j', (query, key) => {
    expect(() => compile(query)).toThrow(refusal('ERROR_INVALID_PARAMETER', `${key}, reason = not supported`));
  });

  it.each([5, 'x', [], true])('refuses to be %j', (query) => {
    expect(() => compile(query)).toThrow(refusal('ERROR_INVALID_PARAMETER_TYPE', '(key = query, type = object)'));
  });
});

describe('page', () => {
  it.each([
    [{ start: 1, limit: 10 }, 0, 10],
    [{ start: 0, limit: 10 }, 0, 10],
    [{ limit: 1000 }, 0, 1000],
    [{ start: 3 }, 2, 1000],
    [{ limit: 0 }, 0, 1000],
    [{ start: null, limit: null }, 0, 1000],
    [{ start: 4294967295, limit: 1 }, 4294967294, 1],
  ])('%j', (page, skip, limit) => expect(compile({ page })).toMatchObject({ skip, limit }));

  it.each<[unknown, string]>([
    [
      { limit: 1001 },
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.page.limit, reason = must be from 0 to 1000, value = 1001)',
    ],
    [
      { limit: -1 },
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.page.limit, reason = must be from 0 to 1000, value = -1)',
    ],
    [
      { start: -1 },
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.page.start, reason = must be from 0 to 4294967295, value = -1)',
    ],
    [
      { start: 2 ** 32 },
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.page.start, reason = must be from 0 to 4294967295, value = 4294967296)',
    ],
    [
      { start: 1e300 },
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.page.start, reason = must be from 0 to 4294967295, value = 1e+300)',
    ],
    [
      { limit: 1.5 },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.page.limit, type = integer)',
    ],
    [
      { limit: '10' },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.page.limit, type = integer)',
    ],
    [
      { start: NaN },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.page.start, type = integer)',
    ],
    [
      { start: { $gt: 0 } },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.page.start, type = integer)',
    ],
    [[], 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.page, type = object)'],
    [7, 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.page, type = object)'],
  ])('refuses %j: %s', (page, refused) => expect(refusalOf(() => compile({ page }))).toBe(refused));
});

describe('sort', () => {
  it.each<[unknown[], object]>([
    [[{ key: 'name' }], { name: 1, _id: 1 }],
    [[{ key: 'supervisor_id', desc: true }], { _id: -1 }],
    [[{ key: 'name' }, { key: 'name', desc: true }], { name: 1, _id: 1 }],
    [[{ key: 'restarts', desc: false }], { 'stats.restarts': 1, _id: 1 }],
  ])('%j', (sort, expected) => expect(compile({ sort }).sort).toEqual(expected));

  it.each<[unknown, string]>([
    [
      [{ key: 'nope' }],
      'ERROR_DB_QUERY: Query is invalid. (key = query.sort[0].key, reason = unknown field, value = nope)',
    ],
    [
      [{ key: '$natural' }],
      'ERROR_DB_QUERY: Query is invalid. (key = query.sort[0].key, reason = unknown field, value = $natural)',
    ],
    [
      [{ key: 'endpoints' }],
      'ERROR_DB_QUERY: Query is invalid. (key = query.sort[0].key, reason = a list or a map has no order, value = endpoints)',
    ],
    [
      [{ key: 'labels' }],
      'ERROR_DB_QUERY: Query is invalid. (key = query.sort[0].key, reason = a list or a map has no order, value = labels)',
    ],
    [[{}], 'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.sort[0].key)'],
    [[{ key: 5 }], 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.sort[0].key, type = string)'],
    [
      [{ key: 'name', desc: 1 }],
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.sort[0].desc, type = boolean)',
    ],
    [{ key: 'name' }, 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.sort, type = list)'],
    [['name'], 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.sort[0], type = object)'],
    [
      Array.from({ length: 11 }, () => ({ key: 'name' })),
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.sort, reason = must not have more than 10 items, value = 11)',
    ],
  ])('refuses %j: %s', (sort, refused) => expect(refusalOf(() => compile({ sort }))).toBe(refused));
});

describe('only and minimal', () => {
  it.each([
    [{ only: ['name'] }, { _id: 0, name: 1 }],
    [{ only: ['name', 'name'] }, { _id: 0, name: 1 }],
    [{ only: ['labels.a', 'labels', 'labels.b.c'] }, { _id: 0, labels: 1 }],
    [{ only: ['tags.owner.name', 'tags.owner', 'tags.own'] }, { _id: 0, 'tags.owner': 1, 'tags.own': 1 }],
    [{ only: ['labels.a', 'labels.ab'] }, { _id: 0, 'labels.a': 1, 'labels.ab': 1 }],
    [{ minimal: true }, { _id: 1, name: 1, state: 1, is_public: 1, labels: 1 }],
    [
      { minimal: true, only: ['name'] },
      { _id: 0, name: 1 },
    ],
  ])('%j', (query, projection) => expect(compile(query).projection).toEqual(projection));

  it.each([{}, { only: [] }, { minimal: false }])('%j answers whole rows', (query) => {
    expect(compile(query).projection).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [
      { only: ['nope'] },
      'ERROR_DB_QUERY: Query is invalid. (key = query.only[0], reason = unknown field, value = nope)',
    ],
    [
      { only: ['$name'] },
      'ERROR_DB_QUERY: Query is invalid. (key = query.only[0], reason = unknown field, value = $name)',
    ],
    [{ only: [''] }, 'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.only[0])'],
    [
      { only: [{ name: 1 }] },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.only[0], type = string)',
    ],
    [{ only: 'name' }, 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.only, type = list)'],
    [
      { only: Array.from({ length: 101 }, () => 'name') },
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.only, reason = must not have more than 100 items, value = 101)',
    ],
    [
      { minimal: 'yes' },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.minimal, type = boolean)',
    ],
    [
      { count_only: 1 },
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.count_only, type = boolean)',
    ],
  ])('refuses %j: %s', (query, refused) => expect(refusalOf(() => compile(query))).toBe(refused));
});

describe('unwind', () => {
  it('makes a row of each element that passes', () => {
    const filter = [{ k: 'plugins.state', v: 'ACTIVE', o: 'eq' }];
    const { rows, count, unwinds } = compile({ unwind: { path: 'plugins', filter }, sort: [{ key: 'plugins.id' }] });
    expect(unwinds).toBe(true);
    expect(rows).toEqual([
      { $unwind: '$plugins' },
      { $match: { 'plugins.state': { $eq: 'ACTIVE' } } },
      { $sort: { 'plugins.id': 1, _id: 1, plugins: 1 } },
      { $limit: 1000 },
      { $set: { plugins: ['$plugins'] } },
    ]);
    expect(count).toEqual([rows[0], rows[1], { $count: 'total_count' }]);
  });

  it('takes an entry of a map, which may hold a list', () => {
    expect(compile({ unwind: { path: 'labels.zones' } }).rows[0]).toEqual({ $unwind: '$labels.zones' });
  });

  it('knows that the list has become its element', () => {
    const filter = [{ k: 'plugins', v: { id: 'p' }, o: 'match' }];
    const { rows } = compile({ unwind: { path: 'plugins', filter } });
    expect(rows[1]).toEqual({ $match: { 'plugins.id': { $eq: 'p' } } });
  });

  it.each<[unknown, string]>([
    [{}, 'ERROR_REQUIRED_PARAMETER: Required parameter. (key = query.unwind.path)'],
    [
      { path: 'name' },
      'ERROR_DB_QUERY: Query is invalid. (key = query.unwind.path, reason = not a list, value = name)',
    ],
    [
      { path: '$plugins' },
      'ERROR_DB_QUERY: Query is invalid. (key = query.unwind.path, reason = unknown field, value = $plugins)',
    ],
    [
      { path: 'plugins.id' },
      'ERROR_DB_QUERY: Query is invalid. (key = query.unwind.path, reason = unwind the list that it is in, value = plugins.id)',
    ],
    [
      { path: 'plugins', filter: [{ k: 'nope', v: 1, o: 'eq' }] },
      'ERROR_DB_QUERY: Query is invalid. (key = query.unwind.filter[0].k, reason = unknown field, value = nope)',
    ],
    ['plugins', 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.unwind, type = object)'],
    [
      [{ path: 'plugins' }],
      'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.unwind, type = object)',
    ],
  ])('refuses %j: %s', (unwind, refused) => expect(refusalOf(() => compile({ unwind }))).toBe(refused));
});
