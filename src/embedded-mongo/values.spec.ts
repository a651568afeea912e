import { Binary, BSONRegExp, Code, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { expect, it } from 'vitest';
import { double, isDoc, own, put, typeName, type Doc } from './values.js';

it.each([1.5, NaN, Infinity, -0, 2 ** 31, -(2 ** 31) - 1])('the double %d is a number', (value) => {
  expect(double(value)).toBe(value);
});

it.each([0, 1, -1, 2 ** 31 - 1, -(2 ** 31)])('the double %d is told from an int32', (value) => {
  expect(double(value)).toEqual(new Double(value));
});

it.each<[string, unknown]>([
  ['missing', undefined],
  ['null', null],
  ['string', ''],
  ['bool', false],
  ['long', 1n],
  ['int', 1],
  ['int', -(2 ** 31)],
  ['double', 2 ** 31],
  ['double', 1.5],
  ['double', new Double(1)],
  ['array', []],
  ['date', new Date()],
  ['objectId', new ObjectId()],
  ['binData', new Binary()],
  ['timestamp', new Timestamp({ t: 1, i: 1 })],
  ['regex', new BSONRegExp('x')],
  ['minKey', new MinKey()],
  ['maxKey', new MaxKey()],
  ['object', {}],
])('the type %s is that of %o', (name, value) => expect(typeName(value)).toBe(name));

it('a document is a plain object', () => {
  expect([{}, { a: 1 }, Object.create(null)].map(isDoc)).toEqual([true, true, true]);
  expect([null, undefined, 'x', [], new Date(), new ObjectId(), new Code('x'), 1].some(isDoc)).toBe(false);
});

it('fields are the own ones of a document, whatever they are called', () => {
  const doc: Doc = {};
  put(doc, 'a', 1);
  put(doc, '__proto__', 2);
  put(doc, '__proto__', 3);
  expect(Object.entries(doc)).toEqual([
    ['a', 1],
    ['__proto__', 3],
  ]);
  expect(Object.getPrototypeOf(doc)).toBe(Object.prototype);
  const field = { value: 3, writable: true, enumerable: true, configurable: true };
  expect(Object.getOwnPropertyDescriptor(doc, '__proto__')).toEqual(field);
  expect([own(doc, 'a'), own(doc, '__proto__'), own(doc, 'constructor')]).toEqual([1, 3, undefined]);
});
