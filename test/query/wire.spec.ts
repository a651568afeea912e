import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Query, StatisticsQuery } from '../../src/generated/spaceone/api/core/v2/query.js';
import { compileQuery, compileStat } from '../../src/query/index.js';
import { size } from '../support/layer.js';
import { anyQuery } from './arbitrary-queries.js';
import { NOW, sampleFields } from './sample.js';

const options = { now: NOW };

describe('a query means the same as JSON and as protobuf', () => {
  it('of a list', { tags: ['sized'] }, () => {
    fc.assert(
      fc.property(anyQuery, (query) => {
        const received = Query.decode(Query.encode(query).finish());
        expect(compileQuery(received, sampleFields, options)).toEqual(compileQuery(query, sampleFields, options));
      }),
      { numRuns: size(200, 2_000) },
    );
  });

  it('of statistics', () => {
    const query: StatisticsQuery = {
      filter: [{ k: 'labels', v: { env: null, n: 1 }, o: 'match' }],
      aggregate: [
        { unwind: { path: 'endpoints' } },
        {
          group: {
            keys: [{ key: 'created_at', name: 'day', date_format: '%Y-%m-%d' }],
            fields: [
              { n: 'count', o: 'count', conditions: [{ k: 'is_public', v: false, o: 'eq' }] },
              { n: 'all', o: 'push', fields: [{ k: 'name', n: 'name' }] },
            ],
          },
        },
        { sort: [{ key: 'count', desc: true }] },
        { project: { fields: [{ k: 'count,2', n: 'double', o: 'multiply' }], exclude_keys: true } },
        { skip: 1 },
        { limit: 3 },
        { count: { name: 'total' } },
      ],
      page: { start: 1, limit: 10 },
    };
    const received = StatisticsQuery.decode(StatisticsQuery.encode(query).finish());
    expect(compileStat(received, sampleFields, options)).toEqual(compileStat(query, sampleFields, options));
  });

  it('when it is empty', () => {
    const received = Query.decode(new Uint8Array());
    expect(compileQuery(received, sampleFields, options)).toEqual(compileQuery(undefined, sampleFields, options));
  });
});
