import { describe, expect, it } from 'vitest';
import { NOW } from '../../../test/query/sample.js';
import { dataFor } from './data-value.js';
import { parseDatetime } from './datetime.js';
import { parseTimediff } from './timediff.js';

const badQuery = expect.objectContaining({ code: 'ERROR_DB_QUERY' });

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
  ])('%s is %s', (text, iso) => expect(parseDatetime(text, 'k').toISOString()).toBe(iso));

  it.each([
    '',
    'today',
    '2026',
    '2026-3-18',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-03-18T24:00:00Z',
    '2026-03-18T15:60Z',
    '2026-03-18T15:04:60Z',
    '2026-03-18T15:04:05+25:00',
    '2026-03-18T15:04:05Z ; drop',
    '18/03/2026',
    '1773846245',
    '2026-03-18T15:04:05Z\0',
  ])('refuses %j', (text) => expect(() => parseDatetime(text, 'k')).toThrow(badQuery));
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
  ])('%s is %s', (text, iso) => expect(parseTimediff(text, NOW, 'k').toISOString()).toBe(iso));

  it.each([
    ['2026-03-15T12:00:00.000Z', 'a Sunday belongs to the week before'],
    ['2026-03-09T00:00:00.000Z', 'a Monday starts its own'],
  ])('weeks start on Monday: %s', (now) => {
    expect(parseTimediff('now/w', new Date(now), 'k').toISOString()).toBe('2026-03-09T00:00:00.000Z');
  });

  it.each([
    '',
    'then',
    'now-',
    'now-3',
    'now-3y',
    'now/y',
    'now-3d-1h',
    'now--3d',
    'now-3.5d',
    'now-999999999w',
    'NOW',
  ])('refuses %j', (text) => expect(() => parseTimediff(text, NOW, 'k')).toThrow(badQuery));
});

describe('data', () => {
  it.each<['any' | 'map', unknown]>([
    ['any', { $where: 'sleep(1000)' }],
    ['any', { $gt: '' }],
    ['any', { constructor: { prototype: { x: 1 } } }],
    ['map', { a: [1, { b: null }] }],
    ['any', '$$ROOT'],
  ])('%s keeps %j as it is', (type, value) => expect(dataFor({ type }, value, 'k')).toBe(value));

  it.each<[string, unknown]>([
    ['a key that BSON cannot write', { 'a\0b': 1 }],
    ['a class of the driver', { _bsontype: 'ObjectId', id: '' }],
    ['a prototype', JSON.parse('{"__proto__": {"a": 1}}')],
    ['a prototype further in', { a: [JSON.parse('{"__proto__": 1}')] }],
    ['a prototype that was set', Object.create({ _bsontype: 'Long' })],
    ['a list with a prototype', { a: Object.setPrototypeOf([], { toBSON: 1 }) as unknown }],
    ['a number that is none', { a: NaN }],
    ['a very long string', 'x'.repeat(5000)],
    ['deep nesting', JSON.parse('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000))],
    ['very many keys', Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, i]))],
  ])('refuses %s', (_, value) => expect(() => dataFor({ type: 'any' }, value, 'k')).toThrow(badQuery));
});
