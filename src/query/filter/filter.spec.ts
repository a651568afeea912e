import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../test/query/refusal.js';
import { NOW, sampleFields } from '../../../test/query/sample.js';
import type { Fields } from '../shape.js';
import { compileFilters, FILTER_OPERATORS } from './filter.js';
import { compileKeyword } from './keyword.js';

const compile = (query: Fields) => compileFilters(query, { scope: sampleFields.scope, now: NOW }, 'query');
const one = (k: string, o: string, v: unknown) => compile({ filter: [{ k, v, o }] });
const nothing = { _id: { $exists: false } };
const search = (text: string) => ({ $regex: text, $options: 'i' });
const date = (iso: string) => new Date(iso);

describe('each operator', () => {
  const good: [string, string, unknown, object][] = [
    ['lt', 'priority', 5, { priority: { $lt: 5 } }],
    ['lte', 'priority', -1.5, { priority: { $lte: -1.5 } }],
    ['gt', 'name', 'm', { name: { $gt: 'm' } }],
    ['gte', 'created_at', '2026-01-01', { created_at: { $gte: date('2026-01-01') } }],
    ['eq', 'supervisor_id', 'supervisor-1', { _id: { $eq: 'supervisor-1' } }],
    ['eq', 'name', null, { name: { $eq: null } }],
    ['eq', 'name', '', { name: { $eq: '' } }],
    ['eq', 'is_public', false, { is_public: { $eq: false } }],
    ['eq', 'restarts', 0, { 'stats.restarts': { $eq: 0 } }],
    ['eq', 'endpoints', 'grpc://a:1', { endpoints: { $eq: 'grpc://a:1' } }],
    ['eq', 'labels.env', { $gt: '' }, { 'labels.env': { $eq: { $gt: '' } } }],
    ['eq', 'labels', { env: 'prod' }, { labels: { $eq: { env: 'prod' } } }],
    ['eq', 'tags.owner.name', 'kim', { 'tags.owner.name': { $eq: 'kim' } }],
    ['eq', 'labels.constructor', 'x', { 'labels.constructor': { $eq: 'x' } }],
    ['not', 'state', 'ENABLED', { state: { $ne: 'ENABLED' } }],
    ['not', 'state', null, { state: { $ne: null } }],
    ['exists', 'labels.env', true, { 'labels.env': { $exists: true } }],
    ['exists', 'name', false, { name: { $exists: false } }],
    ['in', 'state', ['ENABLED', null], { state: { $in: ['ENABLED', null] } }],
    ['in', 'state', [], nothing],
    [
      'in',
      'labels.a',
      [1, { $where: 1 }],
      { $or: [{ 'labels.a': { $in: [1] } }, { 'labels.a': { $eq: { $where: 1 } } }] },
    ],
    ['in', 'created_at', ['2026-01-01'], { created_at: { $in: [date('2026-01-01')] } }],
    ['not_in', 'priority', [1, 2], { $nor: [{ priority: { $in: [1, 2] } }] }],
    ['not_in', 'priority', [], {}],
    ['contain', 'name', 'a.b', { name: search('a\\.b') }],
    ['contain', 'name', '', { name: search('') }],
    ['contain', 'labels.env', 'x', { 'labels.env': search('x') }],
    ['not_contain', 'endpoints', 'x', { $nor: [{ endpoints: search('x') }] }],
    ['contain_in', 'name', ['a', 'b'], { $or: [{ name: search('a') }, { name: search('b') }] }],
    ['contain_in', 'name', [], nothing],
    ['not_contain_in', 'name', ['a', 'b'], { $nor: [{ name: search('a') }, { name: search('b') }] }],
    ['not_contain_in', 'name', [], {}],
    [
      'match',
      'labels',
      { env: 'prod', n: null },
      { $and: [{ 'labels.env': { $eq: 'prod' } }, { 'labels.n': { $eq: null } }] },
    ],
    ['match', 'labels', {}, {}],
    ['match', 'labels.owner', { a: 1 }, { 'labels.owner.a': { $eq: 1 } }],
    ['match', 'labels', { a: { $ne: 1 } }, { 'labels.a': { $eq: { $ne: 1 } } }],
    [
      'match',
      'plugins',
      { id: 'p', n: 1 },
      { plugins: { $elemMatch: { $and: [{ id: { $eq: 'p' } }, { n: { $eq: 1 } }] } } },
    ],
    ['regex', 'name', '^a+', { name: search('^a+') }],
    ['regex_in', 'name', ['^a', 'b$'], { $or: [{ name: search('^a') }, { name: search('b$') }] }],
    ['datetime_lt', 'created_at', '2026-01-01', { created_at: { $lt: date('2026-01-01') } }],
    ['datetime_lte', 'created_at', '2026-01-01', { created_at: { $lte: date('2026-01-01') } }],
    ['datetime_gt', 'created_at', '2026-01-01', { created_at: { $gt: date('2026-01-01') } }],
    ['datetime_gte', 'created_at', '2026-01-01', { created_at: { $gte: date('2026-01-01') } }],
    ['timediff_lt', 'created_at', 'now/d', { created_at: { $lt: date('2026-03-18') } }],
    ['timediff_lte', 'created_at', 'now-3d', { created_at: { $lte: date('2026-03-15T15:04:05.678Z') } }],
    ['timediff_gt', 'created_at', 'now/w', { created_at: { $gt: date('2026-03-16') } }],
    ['timediff_gte', 'created_at', 'now/d+12h', { created_at: { $gte: date('2026-03-18T12:00Z') } }],
  ];

  it.each(good)('%s of %s with %j', (operator, key, value, filter) =>
    expect(one(key, operator, value)).toEqual(filter),
  );

  it('is among them', () => {
    expect(new Set(good.map(([operator]) => operator))).toEqual(new Set(FILTER_OPERATORS));
    expect(FILTER_OPERATORS).toHaveLength(24);
  });

  it('reaches keys that no path can name', () => {
    const map = { $cond: [{ $eq: [{ $type: '$labels' }, 'object'] }, '$labels', { $literal: {} }] };
    for (const name of ['app.kubernetes.io/name', '$where', '__PROTO__.x']) {
      const is = { $in: [{ $literal: { k: name, v: '$$ROOT' } }, { $objectToArray: map }] };
      expect(one('labels', 'match', { [name]: '$$ROOT' })).toEqual({ $expr: is });
      const names = { $map: { input: { $objectToArray: map }, as: 'entry', in: '$$entry.k' } };
      const isNull = { $in: [{ $literal: { k: name, v: null } }, { $objectToArray: map }] };
      expect(one('labels', 'match', { [name]: null })).toEqual({
        $expr: { $or: [isNull, { $not: [{ $in: [{ $literal: name }, names] }] }] },
      });
    }
  });

  it.each([
    ['in', 1_000],
    ['not_in', 1_000],
    ['contain_in', 50],
    ['not_contain_in', 50],
    ['regex_in', 50],
  ])('%s takes %d values and no more', (operator, most) => {
    const of = (count: number) => () => one('name', operator, Array(count).fill('a'));
    expect(of(most)).not.toThrow();
    expect(refusalOf(of(most + 1))).toBe(
      'ERROR_INVALID_PARAMETER: Parameter is invalid. ' +
        `(key = query.filter[0].v, reason = must not have more than ${most} items, value = ${most + 1})`,
    );
  });
});

describe('conditions together', () => {
  const a = { key: 'name', value: 'a', operator: 'eq' };
  const b = { k: 'state', v: 'b', o: 'eq' };
  const isA = { name: { $eq: 'a' } };
  const isB = { state: { $eq: 'b' } };

  it.each<[string, Fields, object]>([
    ['none', {}, {}],
    ['none, as proto3 says it', { filter: [], filter_or: [] }, {}],
    ['null', { filter: null, filter_or: null }, {}],
    ['one', { filter: [a] }, isA],
    ['all', { filter: [a, b] }, { $and: [isA, isB] }],
    ['the same field twice', { filter: [a, a] }, { $and: [isA, isA] }],
    ['any', { filter_or: [a, b] }, { $or: [isA, isB] }],
    ['all and any', { filter: [a], filter_or: [a, b] }, { $and: [isA, { $or: [isA, isB] }] }],
  ])('%s', (_, query, filter) => expect(compile(query)).toEqual(filter));

  it.each<[string, Fields, string, string]>([
    ['no list', { filter: a }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = query.filter, type = list)'],
    ['a text', { filter: 'name' }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = query.filter, type = list)'],
    ['no object', { filter: [5] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = query.filter[0], type = object)'],
    ['null', { filter_or: [a, null] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = query.filter_or[1], type = object)'],
    ['no key', { filter: [{ value: 1, operator: 'eq' }] }, 'ERROR_REQUIRED_PARAMETER', '(key = query.filter[0].key)'],
    ['no operator', { filter: [{ k: 'name', v: 1 }] }, 'ERROR_REQUIRED_PARAMETER', '(key = query.filter[0].operator)'],
    ['no value', { filter: [{ k: 'name', o: 'eq' }] }, 'ERROR_REQUIRED_PARAMETER', '(key = query.filter[0].value)'],
    [
      'a number for a key',
      { filter: [{ ...a, key: 5 }] },
      'ERROR_INVALID_PARAMETER_TYPE',
      '(key = query.filter[0].key, type = string)',
    ],
    [
      'a bad value, by its alias',
      { filter: [a, { ...b, v: 5 }] },
      'ERROR_OPERATOR_VALUE_TYPE',
      '(key = query.filter[1].v, type = string)',
    ],
    [
      'a bad item',
      { filter: [{ ...a, operator: 'in', value: ['a', 5] }] },
      'ERROR_OPERATOR_VALUE_TYPE',
      '(key = query.filter[0].value[1], type = string)',
    ],
    ['too many', { filter: Array.from({ length: 101 }, () => a) }, 'ERROR_INVALID_PARAMETER', 'query.filter'],
  ])('%s', (_, query, code, text) => {
    expect(() => compile(query)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }));
  });
});

describe('keyword', () => {
  const found = (word: string) => [{ _id: search(word) }, { name: search(word) }, { hostname: search(word) }];

  it.each([
    ['', {}],
    ['  \t ', {}],
    ['web', { $or: found('web') }],
    [' a.b  a.b ', { $or: found('a\\.b') }],
    ['w w w w w w w w w w w', { $or: found('w') }],
  ])('%j', (keyword, filter) => expect(compileKeyword(keyword, sampleFields, 'query.keyword')).toEqual(filter));

  it('has ten words at most', () => {
    const words = (count: number): string => Array.from({ length: count }, (_, i) => `w${i}`).join(' ');
    expect(compileKeyword(words(10), sampleFields, 'query.keyword')['$or']).toHaveLength(30);
    expect(refusalOf(() => compileKeyword(words(11), sampleFields, 'query.keyword'))).toBe(
      'ERROR_INVALID_PARAMETER: Parameter is invalid. ' +
        '(key = query.keyword, reason = must not have more than 10 words, value = 11)',
    );
  });

  it('asks for any of the words', () => {
    const filter = compileKeyword('one two', sampleFields, 'query.keyword');
    expect(filter['$or']).toEqual(expect.arrayContaining([...found('one'), ...found('two')]));
  });

  it.each([
    [5, 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.keyword, type = string)'],
    [['a'], 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.keyword, type = string)'],
    [{ $regex: 'a' }, 'ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = query.keyword, type = string)'],
    [
      'a b c d e f g h i j k',
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.keyword, reason = must not have more than 10 words, value = 11)',
    ],
    [
      'x'.repeat(257),
      'ERROR_INVALID_PARAMETER: Parameter is invalid. (key = query.keyword, reason = must not be longer than 256, value = 257)',
    ],
    [
      'a\0',
      'ERROR_DB_QUERY: Query is invalid. (key = query.keyword, reason = a text to search for cannot contain NUL)',
    ],
  ])('refuses %j', (keyword, refusal) => {
    expect(refusalOf(() => compileKeyword(keyword, sampleFields, 'query.keyword'))).toBe(refusal);
  });
});
