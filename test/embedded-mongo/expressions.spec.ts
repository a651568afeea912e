import { Double, Long, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Running } from './kit.js';

const day = new Date('2026-03-04T05:06:07.089Z');
const long = (value: number): Long => Long.fromNumber(value);
const subject = {
  _id: 1,
  i: 5,
  d: 2.5,
  l: long(7),
  s: 'Hello',
  t: true,
  z: null,
  at: day,
  o: { x: 1, y: { z: 2 } },
  list: [3, 1, 2],
  docs: [{ k: 'a', n: 1 }, { k: 'b', n: 2 }, { k: 'c' }],
  oid: new ObjectId('65a000000000000000000001'),
};

/** An expression and its value over the document above; `undefined` for a missing one, `{ code }` for an error. */
const cases: [expression: unknown, value: unknown][] = [
  ['$i', 5],
  ['$o.y.z', 2],
  ['$docs.n', [1, 2]],
  ['$missing', undefined],
  ['$i.x', undefined],
  ['$$ROOT.s', 'Hello'],
  [{ $literal: '$i' }, '$i'],
  [
    ['$i', '$missing'],
    [5, null],
  ],
  [{ a: '$i', b: '$missing' }, { a: 5 }],
  ['$$nope', { code: 17276 }],
  [{ $nope: 1 }, { code: 168 }],
  [{ $add: 1, $subtract: 2 }, { code: 15983 }],
  // Comparison
  [{ $eq: ['$i', 5] }, true],
  [{ $eq: ['$i', new Double(5)] }, true],
  [{ $eq: ['$missing', null] }, false],
  [{ $ne: ['$i', '5'] }, true],
  [{ $gt: ['$i', 4] }, true],
  [{ $gt: ['$s', 9999] }, true],
  [{ $lt: ['$missing', null] }, true],
  [{ $gte: ['$list', [3, 1]] }, true],
  [{ $lte: ['$at', day] }, true],
  [{ $cmp: ['$i', 9] }, -1],
  [{ $eq: ['$i'] }, { code: 16020 }],
  // Logic and conditions
  [{ $and: ['$t', '$i'] }, true],
  [{ $and: [] }, true],
  [{ $or: ['$z', '$missing', 0] }, false],
  [{ $or: [] }, false],
  [{ $not: ['$z'] }, true],
  [{ $not: [0] }, true],
  [{ $not: [''] }, false],
  [{ $cond: ['$t', 'y', 'n'] }, 'y'],
  [{ $cond: { if: '$z', then: 1, else: 2 } }, 2],
  [{ $cond: ['$t', 1] }, { code: 16020 }],
  [{ $ifNull: ['$z', '$missing', 7] }, 7],
  [{ $ifNull: ['$i', 7] }, 5],
  [
    {
      $switch: {
        branches: [
          { case: { $gt: ['$i', 9] }, then: 'big' },
          { case: '$t', then: 'true' },
        ],
      },
    },
    'true',
  ],
  [{ $switch: { branches: [{ case: '$z', then: 1 }], default: 2 } }, 2],
  [{ $switch: { branches: [{ case: '$z', then: 1 }] } }, { code: 40066 }],
  [{ $let: { vars: { a: '$i', b: 2 }, in: { $add: ['$$a', '$$b'] } } }, 7],
  // Arithmetic
  [{ $add: ['$i', 1, 2.5] }, 8.5],
  [{ $add: ['$i', '$missing'] }, null],
  [{ $add: ['$at', 1000] }, new Date(day.getTime() + 1000)],
  [{ $add: ['$s', 1] }, { code: 14 }],
  [{ $add: [2147483647, 1] }, 2147483648],
  [{ $type: { $add: [2147483647, 1] } }, 'long'],
  [{ $type: { $add: ['$l', 1] } }, 'long'],
  [{ $type: { $add: ['$d', 0.5] } }, 'double'],
  [{ $subtract: ['$i', 7] }, -2],
  [{ $subtract: ['$at', 89] }, new Date(day.getTime() - 89)],
  [{ $subtract: ['$at', '$at'] }, 0],
  [{ $subtract: ['$s', 1] }, { code: 14 }],
  [{ $multiply: ['$i', 2, 3] }, 30],
  [{ $divide: ['$i', 2] }, 2.5],
  [{ $type: { $divide: [4, 2] } }, 'double'],
  [{ $divide: ['$i', 0] }, { code: 2 }],
  [{ $mod: ['$i', 3] }, 2],
  [{ $mod: ['$i', 0] }, { code: 16610 }],
  [{ $abs: -3 }, 3],
  [{ $ceil: '$d' }, 3],
  [{ $floor: '$d' }, 2],
  [{ $trunc: -2.7 }, -2],
  [{ $round: ['$d', 0] }, 2],
  [{ $round: [1.256, 2] }, 1.26],
  [{ $floor: 'x' }, { code: 14 }],
  // Arrays
  [{ $size: '$list' }, 3],
  [{ $size: '$i' }, { code: 17124 }],
  [{ $isArray: ['$list'] }, true],
  [{ $arrayElemAt: ['$list', 0] }, 3],
  [{ $arrayElemAt: ['$list', -1] }, 2],
  [{ $arrayElemAt: ['$list', 9] }, undefined],
  [{ $first: '$list' }, 3],
  [{ $last: '$list' }, 2],
  [{ $in: [1, '$list'] }, true],
  [{ $in: [1, '$i'] }, { code: 40081 }],
  [{ $slice: ['$list', 2] }, [3, 1]],
  [{ $slice: ['$list', -2] }, [1, 2]],
  [{ $slice: ['$list', 1, 1] }, [1]],
  [{ $concatArrays: ['$list', [9]] }, [3, 1, 2, 9]],
  [{ $concatArrays: ['$list', '$z'] }, null],
  [{ $reverseArray: '$list' }, [2, 1, 3]],
  [{ $indexOfArray: ['$list', 2] }, 2],
  [{ $indexOfArray: ['$list', 9] }, -1],
  [{ $sortArray: { input: '$list', sortBy: 1 } }, [1, 2, 3]],
  [{ $sortArray: { input: '$docs', sortBy: { n: -1 } } }, [{ k: 'b', n: 2 }, { k: 'a', n: 1 }, { k: 'c' }]],
  [{ $range: [0, 5, 2] }, [0, 2, 4]],
  [{ $filter: { input: '$list', as: 'x', cond: { $gt: ['$$x', 1] } } }, [3, 2]],
  [{ $map: { input: '$docs', as: 'd', in: '$$d.k' } }, ['a', 'b', 'c']],
  [{ $map: { input: '$list', in: { $add: ['$$this', '$i'] } } }, [8, 6, 7]],
  [{ $reduce: { input: '$list', initialValue: 0, in: { $add: ['$$value', '$$this'] } } }, 6],
  [
    {
      $setUnion: [
        [1, 2],
        [2, 3],
      ],
    },
    [1, 2, 3],
  ],
  [
    {
      $setIntersection: [
        [1, 2],
        [2, 3],
      ],
    },
    [2],
  ],
  [
    {
      $setDifference: [
        [1, 2],
        [2, 3],
      ],
    },
    [1],
  ],
  [{ $setIsSubset: [[1], '$list'] }, true],
  [{ $anyElementTrue: [[0, 1]] }, true],
  [{ $allElementsTrue: [[0, 1]] }, false],
  [
    {
      $arrayToObject: [
        [
          ['a', 1],
          ['b', 2],
        ],
      ],
    },
    { a: 1, b: 2 },
  ],
  [{ $arrayToObject: [[{ k: 'a', v: 1 }]] }, { a: 1 }],
  [{ $sum: '$list' }, 6],
  [{ $sum: ['$i', '$d', 'x'] }, 7.5],
  [{ $avg: '$list' }, 2],
  [{ $min: '$list' }, 1],
  [{ $max: ['$i', '$l'] }, 7],
  // Documents
  [
    { $objectToArray: '$o' },
    [
      { k: 'x', v: 1 },
      { k: 'y', v: { z: 2 } },
    ],
  ],
  [{ $mergeObjects: ['$o', { x: 9 }] }, { x: 9, y: { z: 2 } }],
  [{ $getField: { field: 'x', input: '$o' } }, 1],
  // Strings
  [{ $concat: ['$s', ' ', 'you'] }, 'Hello you'],
  [{ $concat: ['$s', '$z'] }, null],
  [{ $toLower: '$s' }, 'hello'],
  [{ $toUpper: '$s' }, 'HELLO'],
  [{ $substrCP: ['$s', 1, 3] }, 'ell'],
  [{ $strLenCP: '$s' }, 5],
  [{ $split: ['a-b-c', '-'] }, ['a', 'b', 'c']],
  [{ $trim: { input: '  x ' } }, 'x'],
  [{ $replaceAll: { input: 'a.b.c', find: '.', replacement: '-' } }, 'a-b-c'],
  [{ $regexMatch: { input: '$s', regex: '^h', options: 'i' } }, true],
  // Types
  [{ $type: '$missing' }, 'missing'],
  [{ $type: '$oid' }, 'objectId'],
  [{ $isNumber: '$l' }, true],
  [{ $toString: '$i' }, '5'],
  [{ $toString: '$oid' }, '65a000000000000000000001'],
  [{ $toString: '$at' }, '2026-03-04T05:06:07.089Z'],
  [{ $toInt: '12' }, 12],
  [{ $toInt: 'x' }, { code: 241 }],
  [{ $toLong: '$at' }, day.getTime()],
  [{ $toDouble: '1.5' }, 1.5],
  [{ $toBool: 0 }, false],
  [{ $toDate: 0 }, new Date(0)],
  [{ $convert: { input: 'x', to: 'int', onError: -1 } }, -1],
  [{ $convert: { input: '$z', to: 'int', onNull: 0 } }, 0],
  // Dates
  [{ $year: '$at' }, 2026],
  [{ $month: '$at' }, 3],
  [{ $dayOfMonth: '$at' }, 4],
  [{ $hour: '$at' }, 5],
  [{ $dateToString: { date: '$at', format: '%Y-%m-%d %H:%M:%S' } }, '2026-03-04 05:06:07'],
  [{ $dateTrunc: { date: '$at', unit: 'day' } }, new Date('2026-03-04T00:00:00Z')],
  [{ $dateAdd: { startDate: '$at', unit: 'hour', amount: 2 } }, new Date(day.getTime() + 7_200_000)],
  [{ $dateDiff: { startDate: '$at', endDate: new Date(day.getTime() + 86_400_000), unit: 'day' } }, 1],
];

describe('expressions compute what MongoDB computes', () => {
  let running: Running;

  beforeAll(async () => {
    running = await start();
    await running.db.collection<{ _id: number }>('subject').insertOne(subject);
  });

  afterAll(async () => {
    await running.stop();
  });

  it.each(cases.map(([expression, value], i) => ({ name: `${i}: ${JSON.stringify(expression)}`, expression, value })))(
    '$name',
    async ({ expression, value }) => {
      const attempt = running.db
        .collection('subject')
        .aggregate([{ $project: { _id: 0, r: { $let: { vars: {}, in: expression } } } }])
        .toArray();
      if (typeof value === 'object' && value !== null && 'code' in value) {
        await expect(attempt).rejects.toMatchObject(value);
      } else {
        expect(await attempt).toEqual([value === undefined ? {} : { r: value }]);
      }
    },
  );
});
