import { Double } from 'bson';
import { expect, it } from 'vitest';
import { outcome } from '../../test/embedded-mongo/cases/typed.js';
import { ACCUMULATORS, type Fold } from './accumulators.js';

const folds: Record<string, Fold> = ACCUMULATORS;

it.each<[string, unknown[], unknown]>([
  ['$sum', [], 0],
  ['$sum', [1, '2', null, undefined, 3n], 4n],
  ['$sum', [1, 0.5], 1.5],
  ['$avg', [], null],
  ['$avg', ['x', null, undefined], null],
  ['$avg', [1, 2, 'x', null], 1.5],
  ['$avg', [1, 3n], new Double(2)],
  ['$min', [3, null, 1, undefined, 2], 1],
  ['$min', ['a', 5], 5],
  ['$min', [null, undefined], null],
  ['$max', [1, null, 3, undefined, 2], 3],
  ['$max', ['a', 5], 'a'],
  ['$max', [], null],
  ['$first', [1, 2], 1],
  ['$first', [undefined, 2], undefined],
  ['$last', [1, 2, 3], 3],
  ['$min', [1, new Double(1)], 1],
  ['$max', [new Double(1), 1], new Double(1)],
  ['$last', [], undefined],
  ['$push', [1, null, undefined, 1], [1, null, 1]],
  ['$addToSet', [1, null, undefined, 1, 'a'], [1, null, 'a']],
  ['$mergeObjects', [{ a: 1, b: 1 }, null, undefined, { b: 2 }], { a: 1, b: 2 }],
  ['$mergeObjects', [], {}],
])('%s of %o is %o', (name, values, result) => expect(folds[name]?.(values)).toEqual(result));

it.each([
  [5, 'int'],
  ['x', 'string'],
  [[{}], 'array'],
])('$mergeObjects refuses %o', (value, type) => {
  const errmsg = `$mergeObjects requires object inputs, but input is of type ${type}`;
  expect(outcome(() => ACCUMULATORS.$mergeObjects([{}, value]))).toEqual({ code: 40400, errmsg });
});
