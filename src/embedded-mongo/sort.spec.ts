import { Double } from 'bson';
import { expect, it } from 'vitest';
import { outcome } from '../../test/embedded-mongo/cases/typed.js';
import { compileSort } from './sort.js';
import type { Doc } from './values.js';

/** The numbers of the documents in the order of a sort. */
function sorted(spec: Doc, docs: Doc[]): number[] {
  return compileSort(spec)([...docs.keys()], (i) => docs[i]);
}

it.each<[Doc, Doc[], number[]]>([
  [{ a: 1 }, [{ a: 3 }, { a: 1 }, { a: 2 }], [1, 2, 0]],
  [{ a: -1 }, [{ a: 3 }, { a: 1 }, { a: 2 }], [0, 2, 1]],
  [{ a: new Double(-1) }, [{ a: 1 }, { a: 2 }], [1, 0]],
  [{ a: 1n }, [{ a: 2 }, { a: 1 }], [1, 0]],
  [
    { a: 1 },
    [
      { a: 1, b: 2 },
      { a: 1, b: 1 },
    ],
    [0, 1],
  ],
  [
    { a: 1, b: 1 },
    [
      { a: 2, b: 1 },
      { a: 1, b: 2 },
      { a: 1, b: 1 },
    ],
    [2, 1, 0],
  ],
  [
    { a: 1, b: -1 },
    [
      { a: 2, b: 1 },
      { a: 1, b: 1 },
      { a: 1, b: 2 },
    ],
    [2, 1, 0],
  ],
  [
    { b: 1, a: 1 },
    [
      { a: 2, b: 1 },
      { a: 1, b: 2 },
      { a: 1, b: 1 },
    ],
    [2, 0, 1],
  ],
  [{ a: 1 }, [{ a: null }, {}, { a: [] }, { a: 0 }], [2, 0, 1, 3]],
  [{ 'a.b': 1 }, [{ a: { b: 2 } }, { a: [{ b: 3 }, { b: 1 }] }, { a: 5 }], [2, 1, 0]],
  [{ 'a.b': -1 }, [{ a: { b: 2 } }, { a: [{ b: 3 }, { b: 1 }] }, { a: 5 }], [1, 0, 2]],
  [{ 'a.0': 1 }, [{ a: [2, 0] }, { a: [1, 9] }], [1, 0]],
  [{ a: 1 }, [{ a: [5, 1] }, { a: 3 }, { a: [2, 9] }, { a: 3 }], [0, 2, 1, 3]],
  [{ a: -1 }, [{ a: [5, 1] }, { a: 3 }, { a: [2, 9] }, { a: 3 }], [2, 0, 1, 3]],
  [{ a: 1 }, [{ a: [[0]] }, { a: 'x' }, { a: [1, 'y'] }], [2, 1, 0]],
  [{}, [{ a: 2 }, { a: 1 }], [0, 1]],
])('%o of %o is in the order %o', (spec, docs, order) => expect(sorted(spec, docs)).toEqual(order));

const keys = (many: number): Doc => Object.fromEntries(Array.from({ length: many }, (_, i) => [`k${i}`, 1]));

it.each<[unknown, number, string]>([
  [1, 15973, 'the $sort key specification must be an object'],
  [{ a: 2 }, 15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)'],
  [{ a: 0 }, 15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)'],
  [{ a: '1' }, 15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)'],
  [{ a: { $meta: 'textScore' } }, 2, 'sort key a with an expression is not supported'],
  [keys(33), 2, 'too many compound keys'],
])('%o is refused', (spec, code, errmsg) => expect(outcome(() => compileSort(spec))).toEqual({ code, errmsg }));

it('has 32 keys at most', () => expect(sorted(keys(32), [{ k31: 2 }, { k31: 1 }])).toEqual([1, 0]));
