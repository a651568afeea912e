import { Binary, BSONRegExp, Code, Double, MinKey, ObjectId, Timestamp } from 'bson';
import { describe, expect, it } from 'vitest';
import { ordered } from '../../test/embedded-mongo/cases/ordered.js';
import { inMemory } from '../../test/embedded-mongo/cases/typed.js';
import { compare, distinctValues, equal, orderKey, typeClass } from './order.js';

/** In BSON's order, besides those of the shared list. */
const more: unknown[][] = [
  [NaN, -Infinity, -1e300, -1.5, -(1 + 2 ** -52), -1, 0, 5e-324, 1, 65536, 4294967296, 1e300, Infinity],
  [-(2n ** 63n), -9007199254740993n, -9007199254740992, 9007199254740992, 9007199254740993n, 2n ** 63n - 1n],
  [
    '',
    '\0',
    '\0\0',
    '\0a',
    '\u0001',
    '\u0001\0',
    '\u0002',
    'a',
    'a\0',
    'aa',
    'é',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '😀',
    '😁',
  ],
  [{}, { a: 1 }, { a: 1, b: 0 }, { a: 2 }, { ab: 0 }, { b: 0 }, { a: 'x' }, { a: true }],
  [[], [1], [1, 0], [2], ['a'], [[]]],
  // Where one value ends and the next begins
  [[], [new MinKey()], [null]],
  [[NaN, null], [-Infinity]],
  [['', 1], ['\0'], ['a', 'b'], ['a\u0002'], ['\ue000', 1], ['\ue000\u0002']],
  [[{ a: { b: 1 }, d: 0 }], [{ a: { b: 1, c: 2 } }]],
  [[[1], 2], [[1, 0]]],
  [[false], [false, null], [true]],
  [
    new Binary(Buffer.from('b')),
    new Binary(Buffer.from('b'), 5),
    new Binary(Buffer.from('aa')),
    new Binary(Buffer.from('ab')),
  ],
  [new Date(-1e12), new Date(-1), new Date(0), new Date(1e12)],
  [new Timestamp({ t: 1, i: 2 }), new Timestamp({ t: 2, i: 1 }), new Timestamp({ t: 4e9, i: 1 })],
  [new ObjectId('00000000000000000000000f'), new ObjectId('0f0000000000000000000000')],
  [new BSONRegExp('a'), new BSONRegExp('a', 'i'), new BSONRegExp('b')],
  [
    new MinKey(),
    undefined,
    0,
    '',
    {},
    [],
    new Binary(),
    new ObjectId(),
    false,
    new Date(),
    new Timestamp({ t: 0, i: 0 }),
    new BSONRegExp(''),
  ],
];

describe('BSON order', () => {
  // A sort looks into a list, and puts an empty one first.
  const whole = ordered.filter((value) => !Array.isArray(value));

  it.each([whole.map(inMemory), ...more])('is that of %o and so on', (...values) => {
    values.forEach((left, i) => {
      values.forEach((right, j) => {
        const wanted = [left, right, Math.sign(i - j)];
        expect([left, right, compare(left, right)]).toEqual(wanted);
        // Two numbers are compared without their keys.
        expect([left, right, compare([left], [right])]).toEqual(wanted);
        expect([left, right, equal(left, right)]).toEqual([left, right, i === j]);
      });
    });
  });

  it.each<[unknown, unknown]>([
    [1, new Double(1)],
    [1, 1n],
    [2 ** 53, 2n ** 53n],
    [0, -0],
    [NaN, NaN],
    [null, undefined],
    [new Date(5), new Date(5)],
    [{ a: [1] }, { a: [1n] }],
    [new Binary(Buffer.from('a')), new Binary(Buffer.from('a'))],
    [new BSONRegExp('a', 'i'), new BSONRegExp('a', 'i')],
  ])('calls %o and %o equal', (left, right) => {
    expect(equal(left, right)).toBe(true);
    expect(compare(left, right)).toBe(0);
    expect(orderKey(left)).toBe(orderKey(right));
  });

  it('puts numbers of all types into one class, null and what is missing too, and nothing else', () => {
    const same = (...values: unknown[]): boolean => new Set(values.map(typeClass)).size === 1;
    expect(same(1, 1.5, 1n, new Double(1), NaN)).toBe(true);
    expect(same(null, undefined)).toBe(true);
    expect(same({}, new Code('x'))).toBe(true);
    const each = [1, null, '', {}, [], true, new Date(), new ObjectId(), new Binary(), new MinKey()];
    expect(new Set(each.map(typeClass)).size).toBe(each.length);
  });

  it('finds the distinct values as they come first', () => {
    expect(distinctValues([3, 'a', 1, 3n, 'a', null, undefined, [1], [1]])).toEqual([3n, 'a', 1, undefined, [1]]);
    expect(distinctValues([])).toEqual([]);
  });
});
