import * as bson from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from './codec.js';
import type { Doc } from './values.js';

/** One value of each type that is stored. */
const values = [
  ...['', 'text', 'ä\u0000ö', 7, -1, 0.5, 2n ** 60n, true, false, null, new Date(-1), new Date(1e12)],
  ...[{ a: { b: 1 } }, {}, ['x', [1, null]], [], new bson.ObjectId('0123456789abcdef01234567')],
  ...[new bson.Binary(Buffer.from('bytes')), new bson.Binary(Buffer.alloc(0), 4), new bson.BSONRegExp('a.b', 'im')],
  ...[new bson.Timestamp({ t: 1, i: 2 }), new bson.MinKey(), new bson.MaxKey(), new bson.Double(3)],
];
const NAMES = ['_id', 'a', 'ab', 'b', 'ö', 'a_long_name'];

describe('some fields of a document', () => {
  it('are what the whole document has there, whatever is between them', () => {
    const fields = fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...values)), {
      selector: ([name]) => name,
    });
    const property = fc.property(fields, fc.uniqueArray(fc.constantFrom(...NAMES, 'missing')), (entries, wanted) => {
      const bytes = encode(Object.fromEntries(entries) as Doc);
      const whole = Object.entries(decode(bytes)).filter(([name]) => wanted.includes(name));
      expect(Object.entries(decode(bytes, new Set(wanted)))).toEqual(whole);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it('are found behind a value of every type', () => {
    for (const value of values) {
      const bytes = encode({ first: value, last: 'found' });
      expect(decode(bytes, new Set(['last']))).toEqual({ last: 'found' });
      expect(decode(bytes, new Set(['first']))).toEqual({ first: decode(bytes)['first'] });
    }
  });
});
