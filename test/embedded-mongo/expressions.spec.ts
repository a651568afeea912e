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

/** Operators of MongoDB that nothing of Berth uses. */
const UNSERVED = (
  '$cmp $let $mod $abs $ceil $floor $trunc $round $pow $sqrt $avg $first $last $reverseArray ' +
  '$indexOfArray $sortArray $range $reduce $zip $setIntersection $setDifference $setIsSubset $setEquals ' +
  '$anyElementTrue $allElementsTrue $getField $setField $concat $toLower $toUpper $substrCP $strLenCP ' +
  '$split $trim $replaceAll $regexMatch $toString $toInt $toLong $toDouble $toBool $toDate $convert ' +
  '$hour $dateTrunc $dateAdd $dateDiff $dateFromString $function $accumulator $rand $meta'
).split(' ');

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
  // Arrays
  [{ $size: '$list' }, 3],
  [{ $size: '$i' }, { code: 17124 }],
  [{ $isArray: ['$list'] }, true],
  [{ $arrayElemAt: ['$list', 0] }, 3],
  [{ $arrayElemAt: ['$list', -1] }, 2],
  [{ $arrayElemAt: ['$list', 9] }, undefined],
  [{ $in: [1, '$list'] }, true],
  [{ $in: [1, '$i'] }, { code: 40081 }],
  [{ $slice: ['$list', 2] }, [3, 1]],
  [{ $slice: ['$list', -2] }, [1, 2]],
  [{ $slice: ['$list', 1, 1] }, [1]],
  [{ $concatArrays: ['$list', [9]] }, [3, 1, 2, 9]],
  [{ $concatArrays: ['$list', '$z'] }, null],
  [{ $filter: { input: '$list', as: 'x', cond: { $gt: ['$$x', 1] } } }, [3, 2]],
  [{ $map: { input: '$docs', as: 'd', in: '$$d.k' } }, ['a', 'b', 'c']],
  [{ $map: { input: '$list', in: { $add: ['$$this', '$i'] } } }, [8, 6, 7]],
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
  // Strings
  // Types
  [{ $type: '$missing' }, 'missing'],
  [{ $type: '$oid' }, 'objectId'],
  [{ $isNumber: '$l' }, true],
  // Dates
  [{ $year: '$at' }, 2026],
  [{ $month: '$at' }, 3],
  [{ $dayOfMonth: '$at' }, 4],
  [{ $dateToString: { date: '$at', format: '%Y-%m-%d %H:%M:%S' } }, '2026-03-04 05:06:07'],
  // More of what is served
  ['$$NOW.x', undefined],
  [{ $dateToString: { date: '$at', format: '%j %u %V %L' } }, '063 3 10 089'],
  [{ $dateToString: { date: '$z', format: '%Y' } }, null],
  [{ $dateToString: { date: '$at', format: { $literal: '$i' } } }, '$i'],
  [{ $dateToString: { date: '$at', format: '%Q' } }, { code: 18536 }],
  [{ $dateToString: { date: '$at', format: 5 } }, { code: 18533 }],
  [{ $dateToString: { date: '$at', format: '%Y', timezone: 'UTC' } }, { code: 18534 }],
  [{ $dateToString: { date: 'x', format: '%Y' } }, { code: 16006 }],
  [{ $year: '$s' }, { code: 16006 }],
  [{ $year: '$z' }, null],
  [{ $type: { $multiply: ['$i', '$l'] } }, 'long'],
  [{ $multiply: [4611686018427387904, 4] }, 18446744073709552000],
  [{ $type: { $add: [Long.MAX_VALUE, 1] } }, 'double'],
  [{ $add: ['$at', '$at'] }, { code: 14 }],
  [{ $multiply: ['$s', 2] }, { code: 14 }],
  [{ $divide: ['$i', '$z'] }, null],
  [{ $sum: 'x' }, 0],
  [{ $max: '$docs.n' }, 2],
  [{ $min: [] }, null],
  [{ $concatArrays: ['$list', '$i'] }, { code: 28664 }],
  [{ $setUnion: ['$list', '$z'] }, null],
  [{ $arrayElemAt: ['$i', 0] }, { code: 28689 }],
  [{ $arrayElemAt: ['$list', 0.5] }, { code: 28691 }],
  [{ $slice: ['$list', 0, 0] }, { code: 28729 }],
  [{ $filter: { input: '$i', cond: true } }, { code: 28651 }],
  [{ $filter: { input: '$list', cond: true, limit: 1 } }, { code: 28647 }],
  [{ $map: { input: '$list' } }, { code: 28646 }],
  [{ $map: { input: '$list', as: 'x', in: '$$y' } }, { code: 17276 }],
  [{ $arrayToObject: [[{ k: 1, v: 1 }]] }, { code: 40386 }],
  [{ $objectToArray: '$i' }, { code: 40390 }],
  [{ $objectToArray: '$z' }, null],
  [{ $mergeObjects: ['$o', '$i'] }, { code: 40400 }],
  [{ $mergeObjects: ['$z', '$missing'] }, {}],
  [{ 'a.b': 1 }, { code: 16405 }],
  ['$a..b', { code: 15998 }],
  ['$a.$b', { code: 16410 }],
  // What is not served is refused by name
  ...UNSERVED.map((name): [unknown, unknown] => [{ [name]: ['$i', 1] }, { code: 168 }]),
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
        .aggregate([{ $project: { _id: 0, r: { $cond: [true, expression, null] } } }])
        .toArray();
      if (typeof value === 'object' && value !== null && 'code' in value) {
        await expect(attempt).rejects.toMatchObject(value);
      } else {
        expect(await attempt).toEqual([value === undefined ? {} : { r: value }]);
      }
    },
  );
});
