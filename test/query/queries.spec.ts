import fc from 'fast-check';
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Query } from '../../src/generated/spaceone/api/core/v2/query.js';
import { compileQuery, FILTER_OPERATORS, totalCount } from '../../src/query/index.js';
import { size } from '../support/layer.js';
import { anyConditionWith, anyQuery } from './arbitrary-queries.js';
import { collection } from './collection.js';
import { openDatabase, type TestDatabase } from './database.js';
import { passes, sorted } from './oracle.js';
import { NOW, sampleFields } from './sample.js';

const rows = collection(80, 4);
let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase(rows);
});
afterAll(() => database.close());

const compile = (query: Query) => compileQuery(query, sampleFields, { now: NOW });
const ids = (found: readonly Record<string, unknown>[]) => found.map((row) => row['_id']);

describe('generated queries find what a plain evaluation finds', () => {
  it.each(FILTER_OPERATORS)('one condition with %s', { tags: ['sized'] }, async (operator) => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(anyConditionWith(operator), async (condition) => {
        const { filter } = compile({ filter: [condition] });
        const found = await database.collection
          .find(filter as Document, { projection: { _id: 1 } })
          .sort({ _id: 1 })
          .toArray();
        const wanted = rows.filter((row) => passes(row, { filter: [condition] }));
        expect(ids(found)).toEqual(ids(wanted));
        told += Number(wanted.length > 0 && wanted.length < rows.length);
      }),
      { numRuns: size(40, 200) },
    );
    // It has told some rows from others, and not given empty answers alone.
    expect(told).toBeGreaterThan(0);
  });

  it('whole queries with filter, filter_or, keyword, sort and page', { tags: ['sized'] }, async () => {
    await fc.assert(
      fc.asyncProperty(anyQuery, async (query) => {
        const compiled = compile(query);
        const wanted = sorted(
          rows.filter((row) => passes(row, query)),
          query.sort,
        );
        const page = wanted.slice(compiled.skip, compiled.skip + compiled.limit);
        const { filter, sort, skip, limit } = compiled;
        const [found, number, piped, counted] = await Promise.all([
          database.collection.find(filter as Document, { sort: { ...sort }, skip, limit }).toArray(),
          database.collection.countDocuments(filter as Document),
          database.aggregate(compiled.rows),
          database.aggregate(compiled.count),
        ]);
        expect(ids(found)).toEqual(ids(page));
        expect(piped).toEqual(found);
        expect([number, totalCount(counted)]).toEqual([wanted.length, wanted.length]);
      }),
      { numRuns: size(100, 1_000) },
    );
  });
});

describe('pages', () => {
  it('neither overlap nor leave rows out, whatever is sorted by', async () => {
    const pages = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        database.aggregate(compile({ sort: [{ key: 'state' }], page: { start: 1 + index * 7, limit: 7 } }).rows),
      ),
    );
    expect(ids(pages.flat()).sort()).toEqual(ids(rows));
  });

  it('may start beyond the end', async () => {
    const { rows: stages, count } = compile({ page: { start: 4_294_967_295, limit: 1 } });
    expect(await database.aggregate(stages)).toEqual([]);
    expect(totalCount(await database.aggregate(count))).toBe(rows.length);
  });
});

describe('only and minimal', () => {
  it.each<[Query, string[]]>([
    [{ only: ['name', 'labels.env'] }, ['labels', 'name']],
    [{ only: ['supervisor_id'] }, ['_id']],
    [{ only: ['restarts'] }, ['stats']],
    [{ minimal: true }, ['_id', 'is_public', 'labels', 'name', 'state']],
  ])('%j', async (query, keys) => {
    const { rows: stages, filter, projection } = compile(query);
    const piped = await database.aggregate(stages);
    const found = await database.collection.find(filter as Document, { projection: { ...projection } }).toArray();
    for (const answer of [piped, found]) {
      expect([...new Set(answer.flatMap((row) => Object.keys(row)))].sort()).toEqual(keys);
    }
  });
});

describe('unwind', () => {
  it('answers a row for each element that passes, each with its own element alone', async () => {
    const asked: Query = {
      unwind: { path: 'plugins', filter: [{ k: 'plugins.state', v: 'ENABLED', o: 'eq' }] },
      filter: [{ k: 'state', v: 'ENABLED', o: 'eq' }],
      only: ['supervisor_id', 'plugins'],
      sort: [{ key: 'supervisor_id' }],
    };
    const elements = rows
      .filter((row) => row['state'] === 'ENABLED')
      .flatMap((row) => ((row['plugins'] ?? []) as { state?: string }[]).map((plugin) => ({ _id: row._id, plugin })))
      .filter(({ plugin }) => plugin.state === 'ENABLED');
    const compiled = compile(asked);
    const found = await database.aggregate(compiled.rows);
    expect(elements.length).toBeGreaterThan(3);
    expect(found).toHaveLength(elements.length);
    expect(found).toEqual(expect.arrayContaining(elements.map(({ _id, plugin }) => ({ _id, plugins: [plugin] }))));
    expect(ids(found)).toEqual(elements.map(({ _id }) => _id));
    expect(totalCount(await database.aggregate(compiled.count))).toBe(elements.length);
  });

  it('asks of elements that are texts', async () => {
    const asked: Query = { unwind: { path: 'endpoints', filter: [{ k: 'endpoints', v: 'web', o: 'contain' }] } };
    const found = await database.aggregate(compile(asked).rows);
    expect(found.length).toBeGreaterThan(0);
    for (const row of found) expect(row['endpoints']).toEqual([expect.stringMatching(/web/i)]);
  });
});
