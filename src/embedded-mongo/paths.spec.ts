import { describe, expect, it } from 'vitest';
import { outcome } from '../../test/embedded-mongo/cases/typed.js';
import { anyAt, arrayIndex, getAt, resolve, setAt, unsetAt } from './paths.js';

const steps = (path: string): string[] => (path === '' ? [] : path.split('.'));

it.each([
  ['0', 0],
  ['7', 7],
  ['123456789', 123_456_789],
  ['1234567890', -1],
  ['01', -1],
  ['-1', -1],
  ['1.5', -1],
  ['a1', -1],
  ['1a', -1],
  ['', -1],
])('the step %j names the element %d', (name, index) => expect(arrayIndex(name)).toBe(index));

const doc = { a: { b: 1, list: [1, [2], { b: 3 }, { c: 4 }, { b: [5, 6] }] }, s: 'text', e: [], n: null };

describe('a path', () => {
  it.each<[string, boolean, unknown[]]>([
    ['a.b', true, [1]],
    ['a.x', true, [undefined]],
    ['s.length', true, [undefined]],
    ['n.x', true, [undefined]],
    ['x.y', true, [undefined]],
    ['constructor', true, [undefined]],
    ['e', true, [[]]],
    ['e', false, [[]]],
    ['e.x', true, []],
    ['a.list.b', true, [3, undefined, 5, 6, [5, 6]]],
    ['a.list.b', false, [3, undefined, [5, 6]]],
    ['a.list.0', true, [1, undefined, undefined, undefined]],
    ['a.list.1', true, [2, [2], undefined, undefined, undefined]],
    ['a.list.9', true, [undefined, undefined, undefined]],
    ['a.list.5', true, [undefined, undefined, undefined]],
  ])('%s lets matching see, with elements: %j, %j', (path, expand, values) => {
    const seen: unknown[] = [];
    const see = (value: unknown): boolean => seen.push(value) < 0;
    expect(anyAt(doc, steps(path), expand, see)).toBe(false);
    expect(seen).toEqual(values);
  });

  it('is followed until a test holds', () => {
    const list = [{ b: 1 }, { b: [2, 3] }, { b: 4 }];
    const seen: unknown[] = [];
    expect(anyAt(list, ['b'], true, (value) => seen.push(value) === 2)).toBe(true);
    expect(seen).toEqual([1, 2]);
  });

  it.each<[string, unknown]>([
    ['', doc],
    ['a.b', 1],
    ['a.x', undefined],
    ['s.length', undefined],
    ['e.x', []],
    ['a.list.b', [3, [5, 6]]],
    ['a.list.c', [4]],
    ['a.list.0', []],
  ])('%j is resolved by expressions to %j', (path, value) => expect(resolve(doc, steps(path))).toEqual(value));

  it.each<[string, unknown]>([
    ['', doc],
    ['a.b', 1],
    ['a.list.1.0', 2],
    ['a.list.2.b', 3],
    ['a.list.9', undefined],
    ['a.list.b', undefined],
    ['s.length', undefined],
    ['constructor', undefined],
  ])('%j has exactly there %j', (path, value) => expect(getAt(doc, steps(path))).toEqual(value));
});

describe('a change', () => {
  it.each<[unknown, string, unknown]>([
    [{}, 'a', { a: 9 }],
    [{ b: 1 }, 'a', { b: 1, a: 9 }],
    [undefined, 'a.b', { a: { b: 9 } }],
    [{ a: { b: 1, c: 2 } }, 'a.b', { a: { b: 9, c: 2 } }],
    [{ a: [1, 2] }, 'a.0', { a: [9, 2] }],
    [{ a: [1] }, 'a.1', { a: [1, 9] }],
    [{ a: [] }, 'a.2.b', { a: [null, null, { b: 9 }] }],
    [{}, '__proto__', JSON.parse('{"__proto__":9}')],
  ])('%j has 9 at %s: %j', (before, path, after) => {
    const copy = structuredClone(before);
    expect(setAt(before, steps(path), 9)).toEqual(after);
    expect(before).toEqual(copy);
  });

  it.each<[unknown, string, number, string]>([
    [{ a: 1 }, 'a.b', 28, "Cannot create field 'b' in element {a: 1}"],
    [{ a: 'x' }, 'a.b.c', 28, 'Cannot create field \'b\' in element {a: "x"}'],
    [{ a: null }, 'a.b', 28, "Cannot create field 'b' in element {a: null}"],
    [{ a: [1] }, 'a.b', 28, "Cannot create field 'b' in element {a: [...]}"],
    [{ a: [1] }, 'a.-1', 28, "Cannot create field '-1' in element {a: [...]}"],
    [{ a: [1] }, 'a.1500002', 2, "can't backfill more than 1500000 elements"],
  ])('%j cannot have anything at %s', (before, path, code, errmsg) => {
    expect(outcome(() => setAt(before, steps(path), 9))).toEqual({ code, errmsg });
  });

  it('fills up with null, as far as MongoDB does', () => {
    const { a } = setAt({ a: [] }, ['a', '1500000'], 9) as { a: unknown[] };
    expect([a.length, a[0], a[1_499_999], a[1_500_000]]).toEqual([1_500_001, null, null, 9]);
  });

  it.each<[unknown, string, unknown]>([
    [{ a: 1, b: 2 }, 'a', { b: 2 }],
    [{ a: { b: 1, c: 2 } }, 'a.b', { a: { c: 2 } }],
    [{ a: [1, 2] }, 'a.0', { a: [null, 2] }],
    [{ a: [1, { b: 1, c: 2 }] }, 'a.1.b', { a: [1, { c: 2 }] }],
    [JSON.parse('{"__proto__":{"b":1},"c":2}'), '__proto__.b', JSON.parse('{"__proto__":{},"c":2}')],
    [{ a: [1] }, 'a.1', { a: [1] }],
    [{ a: [1] }, 'a.b', { a: [1] }],
    [{ a: 1 }, 'a.b', { a: 1 }],
    [{ a: null }, 'a.b', { a: null }],
    [{ a: 1 }, 'constructor', { a: 1 }],
  ])('%j without %s: %j', (before, path, after) => {
    const copy = structuredClone(before);
    expect(unsetAt(before, steps(path))).toEqual(after);
    expect(before).toEqual(copy);
  });
});
