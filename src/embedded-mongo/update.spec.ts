import { BSONRegExp, ObjectId } from 'bson';
import { describe, expect, it } from 'vitest';
import { expected, inMemory, outcome, typed } from '../../test/embedded-mongo/cases/typed.js';
import { updates } from '../../test/embedded-mongo/cases/updates.js';
import { compileUpdate, upsertBase, withId } from './update.js';
import type { Doc } from './values.js';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const compile = (update: unknown) => compileUpdate(inMemory(update), { NOW });
const stored = (fields: object): Doc => inMemory({ _id: 1, ...fields }) as Doc;

describe('an update', () => {
  it.each(updates)('of %j by %j makes %j', (before, update, after) => {
    const doc = stored(before);
    const untouched = typed(doc);
    expect(outcome(() => compile(update).apply(doc, false))).toEqual(
      'errmsg' in after ? after : expected({ _id: 1, ...after }),
    );
    expect(typed(doc)).toBe(untouched);
  });

  it.each([true, false, 'date', { $type: 'date' }])('$currentDate: %j sets the time of the command', ($currentDate) => {
    expect(compile({ $currentDate: { a: $currentDate } }).apply({ _id: 1 }, false)).toEqual({ _id: 1, a: NOW });
  });

  it('takes the time of the clock where the command has none', () => {
    expect(compileUpdate({ $currentDate: { a: true } }, {}).apply({}, false)['a']).toBeInstanceOf(Date);
  });

  it.each<[object, boolean, object]>([
    [{ $setOnInsert: { a: 2 } }, true, { _id: 1, a: 2 }],
    [{ $setOnInsert: { a: 2 } }, false, { _id: 1, a: 1 }],
    [{ $set: { b: 2 }, $setOnInsert: { a: 2 } }, true, { _id: 1, a: 2, b: 2 }],
  ])('%j when it inserts: %j', (update, inserting, after) => {
    expect(compile(update).apply({ _id: 1, a: 1 }, inserting)).toEqual(after);
  });

  it.each<[object]>([
    [{ $pull: { list: 9 } }],
    [{ $pull: { gone: 9 } }],
    [{ $pullAll: { list: [9] } }],
    [{ $addToSet: { list: 2 } }],
    [{ $unset: { gone: 1 } }],
    [{ $setOnInsert: { a: 2 } }],
    [{ $set: {} }],
    [[]],
  ])('%j that changes nothing answers the document itself', (update) => {
    const doc = { _id: 1, a: 1, list: [1, 2] };
    expect(compile(update).apply(doc, false)).toBe(doc);
  });

  it.each([1, null, 'text'])('is not %j', (update) => {
    const errmsg = 'Update argument must be either an object or an array';
    expect(outcome(() => compile(update))).toEqual({ code: 9, errmsg });
  });

  it('is no pipeline of anything but stages', () => {
    const errmsg = "Each element of the 'pipeline' array must be an object";
    expect(outcome(() => compile([1]))).toEqual({ code: 14, errmsg });
    const none = 'A pipeline stage specification object must contain exactly one field.';
    expect(outcome(() => compile([{}]))).toEqual({ code: 40323, errmsg: none });
  });

  it('stores nothing that is nested deeper than 100 levels', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    const errmsg = 'cannot store documents nested more than 100 levels deep';
    const set = (levels: number) => () => compileUpdate({ $set: { a: nested(levels) } }, {}).apply({}, false);
    expect(set(99)).not.toThrow();
    expect(outcome(set(100))).toEqual({ code: 15, errmsg });
  });
});

describe('a replacement', () => {
  it.each<[Doc, Doc, Doc]>([
    [{ b: 2 }, { _id: 1, a: 1 }, { _id: 1, b: 2 }],
    [
      { b: 2, _id: 1 },
      { _id: 1, a: 1 },
      { _id: 1, b: 2 },
    ],
    [{}, { _id: 1, a: 1 }, { _id: 1 }],
    [{ b: 2 }, {}, { b: 2 }],
    [{ _id: 5 }, {}, { _id: 5 }],
  ])('%j of %j makes %j', (update, before, after) => {
    const { replaces, apply } = compile(update);
    expect(replaces).toBe(true);
    expect(typed(apply(before, false))).toBe(typed(after));
  });

  it('keeps the _id', () => {
    const errmsg = "Performing an update on the path '_id' would modify the immutable field '_id'";
    expect(outcome(() => compile({ _id: 2 }).apply({ _id: 1 }, false))).toEqual({ code: 66, errmsg });
  });

  it('is told from operators and pipelines', () => {
    expect([compile({ $set: { a: 1 } }).replaces, compile([{ $set: { a: 1 } }]).replaces]).toEqual([false, false]);
  });
});

describe('the document that an upsert starts from', () => {
  it.each<[Doc, boolean, Doc]>([
    [{ _id: 5, a: 1 }, false, { _id: 5, a: 1 }],
    [{ _id: 5, a: 1 }, true, { _id: 5 }],
    [{ a: { $eq: 2 }, b: { $gt: 2 }, 'c.d': 3 }, false, { a: 2, c: { d: 3 } }],
    [{ $and: [{ _id: 5 }, { b: 1 }], $or: [{ c: 1 }] }, false, { _id: 5, b: 1 }],
    [{ a: new BSONRegExp('x') }, false, {}],
  ])('has of %j, when replaced: %j, %j', (filter, replaces, base) => {
    expect(upsertBase(filter, replaces)).toEqual(base);
  });
});

describe('a document that is inserted', () => {
  it.each<[Doc, Doc]>([
    [
      { _id: 1, a: 2 },
      { _id: 1, a: 2 },
    ],
    [
      { a: 2, _id: 1 },
      { _id: 1, a: 2 },
    ],
    [
      { a: 2, _id: null },
      { _id: null, a: 2 },
    ],
  ])('%j is stored as %j', (doc, complete) => expect(typed(withId(doc))).toBe(typed(complete)));

  it('is itself when its _id is in its place', () => {
    const doc = { _id: 1, a: 2 };
    expect(withId(doc)).toBe(doc);
  });

  it('gets an _id', () => {
    const doc = withId({ a: 1 });
    expect(doc['_id']).toBeInstanceOf(ObjectId);
    expect(Object.keys(doc)).toEqual(['_id', 'a']);
  });

  it.each([
    [[1], "The '_id' value cannot be of type array"],
    [new BSONRegExp('x'), "The '_id' value cannot be of type regex"],
  ])('cannot have the _id %j', (_id, errmsg) => expect(outcome(() => withId({ _id }))).toEqual({ code: 53, errmsg }));

  it('is nested 100 levels deep at most', () => {
    const nested = (levels: number): Doc => (levels === 1 ? { a: 1 } : { a: nested(levels - 1) });
    expect(() => withId({ _id: 1, ...nested(100) })).not.toThrow();
    expect(outcome(() => withId({ _id: 1, ...nested(101) }))).toMatchObject({ code: 15 });
  });
});
