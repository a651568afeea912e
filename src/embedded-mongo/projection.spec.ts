import { describe, expect, it } from 'vitest';
import { projections } from '../../test/embedded-mongo/cases/projections.js';
import { expected, inMemory, outcome, typed } from '../../test/embedded-mongo/cases/typed.js';
import { compileProjection } from './projection.js';
import type { Doc } from './values.js';

function project(spec: Doc, doc: Doc, adding?: boolean): unknown {
  return outcome(() => compileProjection(inMemory(spec) as Doc, {}, adding)(inMemory(doc) as Doc));
}

describe('a projection', () => {
  it.each(projections)('%j of %j makes %j', (spec, doc, result) => {
    expect(project(spec, doc)).toEqual(expected(result));
  });

  it('puts _id first, and no _id where there is none', () => {
    expect(project({ a: 1 }, { a: 1, _id: 5 })).toBe(typed({ _id: 5, a: 1 }));
    expect(project({ a: 1 }, { a: 1, b: 2 })).toBe(typed({ a: 1 }));
    expect(project({ b: 0 }, { a: 1, b: 2, _id: 5 })).toBe(typed({ a: 1, _id: 5 }));
  });

  it('may compute the _id', () => {
    expect(project({ _id: '$a', b: 1 }, { _id: 1, a: 5, b: 2 })).toBe(typed({ _id: 5, b: 2 }));
    expect(project({ '_id.x': 1 }, { _id: { x: 1, y: 2 }, a: 5 })).toBe(typed({ _id: { x: 1 } }));
    expect(project({ '_id.x': 0 }, { _id: { x: 1, y: 2 }, a: 5 })).toBe(typed({ _id: { y: 2 }, a: 5 }));
  });

  it('keeps fields called __proto__', () => {
    const doc = JSON.parse('{"__proto__":1,"b":2}') as Doc;
    expect(project({ b: 0 }, doc)).toBe('{"__proto__":{"$numberInt":"1"}}');
    expect(project(doc, doc)).toBe(typed(doc));
  });
});

describe('the fields of $set', () => {
  it.each<[Doc, Doc, unknown]>([
    [
      { b: 1, a: 0 },
      { _id: 1, a: 5 },
      { _id: 1, a: 0, b: 1 },
    ],
    [{ 'a.b': true }, { _id: 1, a: { c: 1 } }, { _id: 1, a: { c: 1, b: true } }],
    [{ a: { b: '$x' } }, { x: 1, a: 5 }, { x: 1, a: { b: 1 } }],
    [{ 'a.b': '$x' }, { x: 1, a: [5, { b: 2 }] }, { x: 1, a: [{ b: 1 }, { b: 1 }] }],
    [{ a: {} }, { a: 1 }, { a: {} }],
    [{ a: '$x' }, { a: 1, b: 2 }, { b: 2 }],
    [{ _id: 9 }, { a: 1, _id: 1 }, { a: 1, _id: 9 }],
    [{ a: 1, 'a.b': 1 }, {}, { code: 31249, errmsg: 'Path collision at a.b' }],
  ])('%j set in %j make %j', (spec, doc, result) => expect(project(spec, doc, true)).toEqual(expected(result)));
});
