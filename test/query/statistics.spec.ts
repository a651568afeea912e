import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatisticsQuery } from '../../src/generated/spaceone/api/core/v2/query.js';
import { compileStat, readStat, type StatAnswer } from '../../src/query/index.js';
import { size } from '../support/layer.js';
import { anyCondition } from './arbitrary-queries.js';
import { few, statistics } from './cases/statistics.js';
import { collection } from './collection.js';
import { openDatabase, type TestDatabase } from './database.js';
import { passes } from './oracle.js';
import { NOW, sampleFields } from './sample.js';

let database: TestDatabase;
const stat = async (query: StatisticsQuery): Promise<StatAnswer> => {
  const compiled = compileStat(query, sampleFields, { now: NOW });
  const [rows, count] = await Promise.all([
    database.aggregate(compiled.rows),
    compiled.count === undefined ? [] : database.aggregate(compiled.count),
  ]);
  return readStat(compiled, rows, count);
};

describe('statistics', () => {
  beforeAll(async () => {
    database = await openDatabase(few);
  });
  afterAll(() => database.close());

  it('are what src/query/stat/statistics.spec.ts has them be', async () => {
    const found = statistics.map(async ([query]) => [query, await stat(query)]);
    expect(await Promise.all(found)).toEqual(statistics);
  });
});

describe('generated statistics', () => {
  const rows = collection(60, 11);
  beforeAll(async () => {
    database = await openDatabase(rows);
  });
  afterAll(() => database.close());

  it('count, sum and range what a plain evaluation does', { tags: ['sized'] }, async () => {
    const key = fc.constantFrom('state', 'is_public', 'hostname');
    await fc.assert(
      fc.asyncProperty(fc.array(anyCondition, { maxLength: 2 }), key, async (filter, name) => {
        const fields = [
          { n: 'count', o: 'count' },
          { n: 'sum', o: 'sum', k: 'priority' },
          { n: 'min', o: 'min', k: 'priority' },
          { n: 'max', o: 'max', k: 'priority' },
          { n: 'positive', o: 'count', conditions: [{ k: 'priority', v: 0, o: 'gt' }] },
        ];
        const group = { keys: [{ k: name, n: 'key' }], fields };
        const { results } = await stat({ filter, aggregate: [{ group }, { sort: [{ key: 'key' }] }] });
        const wanted = new Map<unknown, number[]>();
        const counts = new Map<unknown, number>();
        for (const row of rows.filter((each) => passes(each, { filter }))) {
          const value = row[name] ?? null;
          counts.set(value, (counts.get(value) ?? 0) + 1);
          const priorities = typeof row['priority'] === 'number' ? [row['priority']] : [];
          wanted.set(value, [...(wanted.get(value) ?? []), ...priorities]);
        }
        expect(results).toHaveLength(wanted.size);
        expect(results).toEqual(
          expect.arrayContaining(
            [...wanted].map(([value, numbers]) => ({
              key: value,
              count: counts.get(value),
              sum: numbers.reduce((sum, each) => sum + each, 0),
              min: numbers.length > 0 ? Math.min(...numbers) : null,
              max: numbers.length > 0 ? Math.max(...numbers) : null,
              positive: numbers.filter((each) => each > 0).length,
            })),
          ),
        );
      }),
      { numRuns: size(100, 1_000) },
    );
  });
});
