import { describe, expect, it } from 'vitest';
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

  it('takes the empty lookup and add_fields of proto3', () => {
    expect(compile({ lookup: [], add_fields: {} }).filter).toEqual({});
  });

  it.each([
    [{ lookup: [{ from: 'secrets' }] }, 'query.lookup'],
    [{ lookup: 'x' }, 'query.lookup'],
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
    [{ limit: 1001 }, 'ERROR_INVALID_PARAMETER'],
    [{ limit: -1 }, 'ERROR_INVALID_PARAMETER'],
    [{ start: -1 }, 'ERROR_INVALID_PARAMETER'],
    [{ start: 2 ** 32 }, 'ERROR_INVALID_PARAMETER'],
    [{ start: 1e300 }, 'ERROR_INVALID_PARAMETER'],
    [{ limit: 1.5 }, 'ERROR_INVALID_PARAMETER_TYPE'],
    [{ limit: '10' }, 'ERROR_INVALID_PARAMETER_TYPE'],
    [{ start: NaN }, 'ERROR_INVALID_PARAMETER_TYPE'],
    [{ start: { $gt: 0 } }, 'ERROR_INVALID_PARAMETER_TYPE'],
    [[], 'ERROR_INVALID_PARAMETER_TYPE'],
    [7, 'ERROR_INVALID_PARAMETER_TYPE'],
  ])('refuses %j: %s', (page, code) => expect(() => compile({ page })).toThrow(refusal(code, 'query.page')));
});

describe('sort', () => {
  it.each<[unknown[], object]>([
    [[{ key: 'name' }], { name: 1, _id: 1 }],
    [[{ key: 'supervisor_id', desc: true }], { _id: -1 }],
    [[{ key: 'name' }, { key: 'name', desc: true }], { name: 1, _id: 1 }],
    [[{ key: 'restarts', desc: false }], { 'stats.restarts': 1, _id: 1 }],
  ])('%j', (sort, expected) => expect(compile({ sort }).sort).toEqual(expected));

  it.each<[unknown, string]>([
    [[{ key: 'nope' }], 'ERROR_DB_QUERY'],
    [[{ key: '$natural' }], 'ERROR_DB_QUERY'],
    [[{ key: 'endpoints' }], 'ERROR_DB_QUERY'],
    [[{ key: 'labels' }], 'ERROR_DB_QUERY'],
    [[{}], 'ERROR_REQUIRED_PARAMETER'],
    [[{ key: 5 }], 'ERROR_INVALID_PARAMETER_TYPE'],
    [[{ key: 'name', desc: 1 }], 'ERROR_INVALID_PARAMETER_TYPE'],
    [{ key: 'name' }, 'ERROR_INVALID_PARAMETER_TYPE'],
    [['name'], 'ERROR_INVALID_PARAMETER_TYPE'],
    [Array.from({ length: 11 }, () => ({ key: 'name' })), 'ERROR_INVALID_PARAMETER'],
  ])('refuses %j', (sort, code) => expect(() => compile({ sort })).toThrow(refusal(code, 'query.sort')));
});

describe('only and minimal', () => {
  it.each([
    [{ only: ['name'] }, { _id: 0, name: 1 }],
    [{ only: ['name', 'name'] }, { _id: 0, name: 1 }],
    [{ only: ['labels.a', 'labels', 'labels.b.c'] }, { _id: 0, labels: 1 }],
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
    [{ only: ['nope'] }, 'ERROR_DB_QUERY'],
    [{ only: ['$name'] }, 'ERROR_DB_QUERY'],
    [{ only: [''] }, 'ERROR_REQUIRED_PARAMETER'],
    [{ only: [{ name: 1 }] }, 'ERROR_INVALID_PARAMETER_TYPE'],
    [{ only: 'name' }, 'ERROR_INVALID_PARAMETER_TYPE'],
    [{ only: Array.from({ length: 101 }, () => 'name') }, 'ERROR_INVALID_PARAMETER'],
    [{ minimal: 'yes' }, 'ERROR_INVALID_PARAMETER_TYPE'],
    [{ count_only: 1 }, 'ERROR_INVALID_PARAMETER_TYPE'],
  ])('refuses %j', (query, code) => expect(() => compile(query)).toThrow(refusal(code)));
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

  it('knows that the list has become its element', () => {
    const filter = [{ k: 'plugins', v: { id: 'p' }, o: 'match' }];
    const { rows } = compile({ unwind: { path: 'plugins', filter } });
    expect(rows[1]).toEqual({ $match: { 'plugins.id': { $eq: 'p' } } });
  });

  it.each<[unknown, string]>([
    [{}, 'ERROR_REQUIRED_PARAMETER'],
    [{ path: 'name' }, 'ERROR_DB_QUERY'],
    [{ path: '$plugins' }, 'ERROR_DB_QUERY'],
    [{ path: 'plugins.id' }, 'ERROR_DB_QUERY'],
    [{ path: 'plugins', filter: [{ k: 'nope', v: 1, o: 'eq' }] }, 'ERROR_DB_QUERY'],
    ['plugins', 'ERROR_INVALID_PARAMETER_TYPE'],
    [[{ path: 'plugins' }], 'ERROR_INVALID_PARAMETER_TYPE'],
  ])('refuses %j', (unwind, code) => expect(() => compile({ unwind })).toThrow(refusal(code, 'query.unwind')));
});
