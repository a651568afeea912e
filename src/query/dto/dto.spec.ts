import { describe, expect, it } from 'vitest';
import { compileValidator } from '../../common/validation/compile-validator.js';
import type { Query, StatisticsQuery } from '../../generated/spaceone/api/core/v2/query.js';
import { QueryDto } from './query.dto.js';
import { StatisticsQueryDto } from './statistics-query.dto.js';

const query = compileValidator(QueryDto);
const stat = compileValidator(StatisticsQueryDto);
const refusal = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

it('is what the wire has', () => {
  const read: [Query, StatisticsQuery] = [new QueryDto(), new StatisticsQueryDto()];
  expect(read).toHaveLength(2);
});

describe('a list query', () => {
  it.each<[object]>([
    [{}],
    [{ filter: [{ k: 'a', v: null, o: 'eq' }], filter_or: [{ key: 'a', value: { $gt: [1] }, operator: 'eq' }] }],
    [{ sort: [{ key: 'a', desc: true }], page: { start: 1, limit: 10 }, only: ['a'], keyword: 'x' }],
    [{ minimal: true, count_only: false, unwind: { path: 'a', filter: [{ k: 'a', v: 1, o: 'eq' }] } }],
    [{ lookup: [{}], add_fields: { a: 1 } }],
  ])('%j is readable', (given) => expect(query(structuredClone(given))).toEqual(given));

  it.each<[object, string, string]>([
    [{ filter: {} }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = filter, type = array)'],
    [{ filter: ['a'] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = filter[0], type = object)'],
    [{ filter: [{ k: 5 }] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = filter[0].k, type = string)'],
    [{ filter: [{ k: 'a', $where: 1 }] }, 'ERROR_INVALID_PARAMETER', 'filter[0].$where'],
    [{ filter: Array.from({ length: 101 }, () => ({})) }, 'ERROR_INVALID_PARAMETER', 'filter'],
    [{ sort: [{}] }, 'ERROR_REQUIRED_PARAMETER', '(key = sort[0].key)'],
    [{ page: { limit: 1001 } }, 'ERROR_INVALID_PARAMETER', 'page.limit'],
    [{ page: { start: '1' } }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = page.start, type = integer)'],
    [{ page: [] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = page, type = object)'],
    [{ only: [5] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = only[0], type = string)'],
    [{ only: 'a' }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = only, type = array)'],
    [{ minimal: 'true' }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = minimal, type = boolean)'],
    [{ unwind: {} }, 'ERROR_REQUIRED_PARAMETER', '(key = unwind.path)'],
    [{ nope: 1 }, 'ERROR_INVALID_PARAMETER', '(key = nope'],
  ])('%j is not', (given, code, text) => expect(() => query(given)).toThrow(refusal(code, text)));
});

describe('a statistics query', () => {
  it.each<[object]>([
    [{ distinct: 'a', page: { start: 1, limit: 10 }, keyword: 'x' }],
    [{ aggregate: [{ unwind: { path: 'a' } }, { count: { name: 'n' } }, { limit: 1 }, { skip: 0 }] }],
    [{ aggregate: [{ sort: [{ key: 'a', desc: true }] }, { project: { fields: [{ k: 'a', n: 'b', o: 'size' }] } }] }],
    [
      {
        aggregate: [
          {
            group: {
              keys: [{ k: 'a', n: 'b', date_format: '%Y' }],
              fields: [
                { n: 'c', o: 'count', conditions: [{ k: 'a', v: 1, o: 'gt' }] },
                { n: 'd', o: 'push', fields: [{ k: 'a', n: 'b' }] },
              ],
            },
          },
        ],
      },
    ],
  ])('%j is readable', (given) => expect(stat(structuredClone(given))).toEqual(given));

  it.each<[object, string, string]>([
    [{ aggregate: {} }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = aggregate, type = array)'],
    [{ aggregate: [{ $out: 'x' }] }, 'ERROR_INVALID_PARAMETER', 'aggregate[0].$out'],
    [{ aggregate: [{ limit: 0 }] }, 'ERROR_INVALID_PARAMETER', 'aggregate[0].limit'],
    [{ aggregate: [{ count: {} }] }, 'ERROR_REQUIRED_PARAMETER', '(key = aggregate[0].count.name)'],
    [{ aggregate: [{ sort: {} }] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = aggregate[0].sort, type = array)'],
    [
      { aggregate: [{ group: { keys: [{ k: 1 }] } }] },
      'ERROR_INVALID_PARAMETER_TYPE',
      '(key = aggregate[0].group.keys[0].k, type = string)',
    ],
    [{ distinct: ['a'] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = distinct, type = string)'],
  ])('%j is not', (given, code, text) => expect(() => stat(given)).toThrow(refusal(code, text)));
});
