import { describe, expect, it } from 'vitest';
import { filters, NONE, refusedFilters } from '../../test/embedded-mongo/cases/filters.js';
import { inMemory, outcome } from '../../test/embedded-mongo/cases/typed.js';
import { addReferences, compileFilter, conditions, fieldsOf } from './matcher.js';
import type { Doc } from './values.js';

const variables = { NOW: new Date('2026-06-01T00:00:00Z') };
const compile = (filter: unknown) => compileFilter(filter, variables);

describe('a filter', () => {
  it.each(filters)('%j of %j finds those at %j', (filter, values, matching) => {
    const matches = compile(inMemory(filter));
    const docs = values.map((a) => (a === NONE ? {} : { a: inMemory(a) }));
    expect([...docs.keys()].filter((i) => matches(docs[i]))).toEqual(matching);
  });

  it.each(refusedFilters)('%j is refused', (filter, refusal) => {
    expect(outcome(() => compile(inMemory(filter)))).toEqual(refusal);
  });

  it.each<[string, Doc, (inner: Doc) => Doc]>([
    ['$and', {}, (inner: Doc) => ({ $and: [inner] })],
    ['$not', { a: { $gt: 1 } }, (inner: Doc) => ({ a: { $not: inner['a'] } })],
    ['$elemMatch', { a: { $gt: 1 } }, (inner: Doc) => ({ a: { $elemMatch: inner } })],
  ])('nests %s no deeper than 100 levels', (_name, innermost, nest) => {
    const nested = (levels: number): Doc => {
      let filter = innermost;
      for (let i = 0; i < levels; i++) filter = nest(filter);
      return filter;
    };
    expect(() => compile(nested(99))).not.toThrow();
    expect(outcome(() => compile(nested(100)))).toEqual({
      code: 2,
      errmsg: 'exceeded maximum query tree depth',
    });
  });
});

describe('the fields that a filter looks at', () => {
  it.each<[Doc, string[] | undefined]>([
    [{}, []],
    [{ a: 1, 'bcd.c': { $gt: 1 } }, ['a', 'bcd']],
    [{ $and: [{ a: 1 }, { $or: [{ 'b.x': 1 }, { c: 1 }] }] }, ['a', 'b', 'c']],
    [{ a: 1, $expr: { $eq: ['$bcd.c', { $add: ['$d', 1, null, 'text'] }] } }, ['a', 'bcd', 'd']],
    [{ $expr: '$$NOW' }, ['$NOW']],
    [{ $expr: { $eq: ['$$ROOT.a', 1] } }, undefined],
    [{ a: 1, $or: [{ b: 1 }, { $expr: '$$ROOT' }] }, undefined],
  ])('%j: %j', (filter, fields) => {
    const found = fieldsOf(filter);
    expect(found && [...found]).toEqual(fields);
  });

  it('are added to those known, as long as they are some', () => {
    const into = new Set(['x']);
    expect(addReferences({ a: ['$b', 5] }, into)).toBe(true);
    expect(addReferences(null, into)).toBe(true);
    expect(addReferences({ a: [1, '$$ROOT'] }, into)).toBe(false);
    expect([...into]).toEqual(['x', 'b']);
  });
});

it('what a filter demands in every case is told field by field', () => {
  const pattern = inMemory(/x/);
  const filter = {
    a: 1,
    b: { $gt: 1, $lt: 5 },
    c: { d: 1 },
    e: pattern,
    $or: [{ f: 1 }],
    $and: [{ g: { $in: [1] } }, { $and: [{ h: {} }] }],
    $expr: '$i',
  };
  expect([...conditions(filter)]).toEqual([
    ['a', '$eq', 1],
    ['b', '$gt', 1],
    ['b', '$lt', 5],
    ['c', '$eq', { d: 1 }],
    ['e', '$regex', pattern],
    ['g', '$in', [1]],
    ['h', '$eq', {}],
  ]);
});
