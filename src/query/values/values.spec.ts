import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../test/query/refusal.js';
import { NOW } from '../../../test/query/sample.js';
import type { FieldType } from '../fields/queryable-fields.js';
import { dataFor } from './data-value.js';
import { parseDatetime } from './datetime.js';
import { parseTimediff } from './timediff.js';

describe('datetime', () => {
  it.each([
    ['2026-03-18', '2026-03-18T00:00:00.000Z'],
    ['2026-03-18T15:04', '2026-03-18T15:04:00.000Z'],
    ['2026-03-18T15:04:05', '2026-03-18T15:04:05.000Z'],
    ['2026-03-18 15:04:05', '2026-03-18T15:04:05.000Z'],
    ['2026-03-18T15:04:05.6Z', '2026-03-18T15:04:05.600Z'],
    ['2026-03-18T15:04:05.678901Z', '2026-03-18T15:04:05.678Z'],
    ['2026-03-18T15:04:05+09:00', '2026-03-18T06:04:05.000Z'],
    ['2026-03-18T15:04:05-0130', '2026-03-18T16:34:05.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['2026-03-18T15:04:05z', '2026-03-18T15:04:05.000Z'],
    ['2026-03-18T15:04:05,5+09', '2026-03-18T06:04:05.500Z'],
    ['2026-03-18T23:59:59-23:59', '2026-03-19T23:58:59.000Z'],
  ])('%s is %s', (text, iso) => expect(parseDatetime(text, 'k').toISOString()).toBe(iso));

  it.each([
    ['', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = )'],
    ['today', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = today)'],
    ['2026', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = 2026)'],
    ['2026-3-18', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = 2026-3-18)'],
    ['2026-04-31', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such date or time, value = 2026-04-31)'],
    [
      '2026-03-18T15:04:05+09:60',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such time zone, value = 2026-03-18T15:04:05+09:60)',
    ],
    [
      'on 2026-03-18',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = on 2026-03-18)',
    ],
    ['2026-03-00', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such date or time, value = 2026-03-00)'],
    ['2026-02-30', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such date or time, value = 2026-02-30)'],
    ['2026-13-01', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such date or time, value = 2026-13-01)'],
    ['2026-00-10', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such date or time, value = 2026-00-10)'],
    [
      '2026-03-18T24:00:00Z',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such date or time, value = 2026-03-18T24:00:00Z)',
    ],
    [
      '2026-03-18T15:60Z',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such date or time, value = 2026-03-18T15:60Z)',
    ],
    [
      '2026-03-18T15:04:60Z',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such date or time, value = 2026-03-18T15:04:60Z)',
    ],
    [
      '2026-03-18T15:04:05+25:00',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = no such time zone, value = 2026-03-18T15:04:05+25:00)',
    ],
    [
      '2026-03-18T15:04:05Z ; drop',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = 2026-03-18T15:04:05Z ; drop)',
    ],
    ['18/03/2026', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = 18/03/2026)'],
    ['1773846245', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = 1773846245)'],
    [
      '2026-03-18T15:04:05Z\0',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not an ISO 8601 date, value = 2026-03-18T15:04:05Z\0)',
    ],
  ])('refuses %j: %s', (text, refusal) => expect(refusalOf(() => parseDatetime(text, 'k'))).toBe(refusal));
});

describe('timediff', () => {
  it.each([
    ['now', '2026-03-18T15:04:05.678Z'],
    ['now/d', '2026-03-18T00:00:00.000Z'],
    ['now/w', '2026-03-16T00:00:00.000Z'],
    ['now/m', '2026-03-01T00:00:00.000Z'],
    ['now-3d', '2026-03-15T15:04:05.678Z'],
    ['now+30s', '2026-03-18T15:04:35.678Z'],
    ['now-5m', '2026-03-18T14:59:05.678Z'],
    ['now-2w', '2026-03-04T15:04:05.678Z'],
    ['now/d+12h', '2026-03-18T12:00:00.000Z'],
    [' now/d - 1d ', '2026-03-17T00:00:00.000Z'],
    ['now - 2h', '2026-03-18T13:04:05.678Z'],
  ])('%s is %s', (text, iso) => expect(parseTimediff(text, NOW, 'k').toISOString()).toBe(iso));

  it.each([
    ['2026-03-15T12:00:00.000Z', 'a Sunday belongs to the week before'],
    ['2026-03-09T00:00:00.000Z', 'a Monday starts its own'],
  ])('weeks start on Monday: %s', (now) => {
    expect(parseTimediff('now/w', new Date(now), 'k').toISOString()).toBe('2026-03-09T00:00:00.000Z');
  });

  it.each([
    [
      '',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = )',
    ],
    [
      'xnow',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = xnow)',
    ],
    [
      'then',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = then)',
    ],
    [
      'now-',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = now-)',
    ],
    [
      'now-3',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = now-3)',
    ],
    [
      'now-3y',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = now-3y)',
    ],
    [
      'now/y',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = now/y)',
    ],
    [
      'now-3d-1h',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = now-3d-1h)',
    ],
    [
      'now--3d',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = now--3d)',
    ],
    [
      'now-3.5d',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = now-3.5d)',
    ],
    ['now-999999999w', 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = too far away, value = now-999999999w)'],
    [
      'NOW',
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not of the form now, now/d, now/w, now-3d or now/d+12h, value = NOW)',
    ],
  ])('refuses %j: %s', (text, refusal) => expect(refusalOf(() => parseTimediff(text, NOW, 'k'))).toBe(refusal));
});

describe('data', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

  it.each<['any' | 'map', unknown]>([
    ['any', { $where: 'sleep(1000)' }],
    ['any', { $gt: '' }],
    ['any', { constructor: { prototype: { x: 1 } } }],
    ['map', { a: [1, { b: null }] }],
    ['any', '$$ROOT'],
    ['any', true],
    ['any', 0.5],
    ['any', Object.create(null)],
    ['any', 'x'.repeat(4_096)],
    ['any', nested(20)],
    ['any', Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`k${i}`, i]))],
    ['map', { a: { b: [1, 2] }, c: Array.from({ length: 994 }, () => 1) }],
  ])('%s keeps %j as it is', (type, value) => expect(dataFor({ type }, value, 'k')).toBe(value));

  it.each<[string, unknown, string]>([
    [
      'a key that BSON cannot write',
      { 'a\0b': 1 },
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = an object cannot have such a key, value = a\0b)',
    ],
    [
      'a class of the driver',
      { _bsontype: 'ObjectId', id: '' },
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = an object cannot have such a key, value = _bsontype)',
    ],
    [
      'a prototype',
      JSON.parse('{"__proto__": {"a": 1}}'),
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = an object cannot have such a key, value = __proto__)',
    ],
    [
      'a prototype further in',
      { a: [JSON.parse('{"__proto__": 1}')] },
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = an object cannot have such a key, value = __proto__)',
    ],
    [
      'a prototype that was set',
      Object.create({ _bsontype: 'Long' }),
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = an object must be plain data)',
    ],
    [
      'a list with a prototype',
      { a: Object.setPrototypeOf([], { toBSON: 1 }) as unknown },
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = an object must be plain data)',
    ],
    ['a number that is none', { a: NaN }, 'ERROR_DB_QUERY: Query is invalid. (key = k, reason = not a finite number)'],
    [
      'a very long string',
      'x'.repeat(5000),
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = longer than 4096, value = 5000)',
    ],
    [
      'deep nesting',
      JSON.parse('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)),
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = nested more than 20 levels deep)',
    ],
    [
      'nesting of one level too many',
      nested(21),
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = nested more than 20 levels deep)',
    ],
    [
      'one character too many',
      { a: 'x'.repeat(4_097) },
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = longer than 4096, value = 4097)',
    ],
    [
      'one key too many',
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, i])),
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = more than 1000 keys and elements)',
    ],
    [
      'one element too many',
      { a: { b: [1, 2] }, c: Array.from({ length: 995 }, () => 1) },
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = more than 1000 keys and elements)',
    ],
    [
      'a class',
      { a: new Date(0) },
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = an object must be plain data)',
    ],
    [
      'very many keys',
      Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, i])),
      'ERROR_DB_QUERY: Query is invalid. (key = k, reason = more than 1000 keys and elements)',
    ],
  ])('refuses %s', (_, value, refusal) => expect(refusalOf(() => dataFor({ type: 'any' }, value, 'k'))).toBe(refusal));

  it.each<[FieldType, unknown, string]>([
    ['string', 5, 'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = string)'],
    ['number', Infinity, 'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = number)'],
    ['number', '5', 'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = number)'],
    ['boolean', 0, 'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = bool)'],
    ['datetime', 5, 'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = string)'],
    ['map', [], 'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = dict)'],
    [
      'any',
      [],
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = string, number, bool or dict)',
    ],
    [
      'any',
      NaN,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = string, number, bool or dict)',
    ],
    [
      'any',
      undefined,
      'ERROR_OPERATOR_VALUE_TYPE: Operator value type is invalid. (key = k, type = string, number, bool or dict)',
    ],
  ])('a field of type %s refuses %j: %s', (type, value, refusal) =>
    expect(refusalOf(() => dataFor({ type }, value, 'k'))).toBe(refusal),
  );
});
