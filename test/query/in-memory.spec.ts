import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Query } from '../../src/generated/spaceone/api/core/v2/query.js';
import { compileQuery, inMemory, totalCount } from '../../src/query/index.js';
import { size } from '../support/layer.js';
import { anyCondition, anyQuery } from './arbitrary-queries.js';
import { collection } from './collection.js';
import { openDatabase, type TestDatabase } from './database.js';
import { passes, sorted } from './oracle.js';
import { NOW, sampleFields } from './sample.js';

const rows = collection(80, 4);
const memory = inMemory(rows);
let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase(rows);
});
afterAll(() => database.close());

const compile = (query: Query) => compileQuery(query, sampleFields, { now: NOW });

async function answerAlike(query: Query): Promise<Record<string, unknown>[]> {
  const compiled = compile(query);
  const found = await memory(compiled.rows);
  expect(found).toEqual(await database.aggregate(compiled.rows));
  expect(totalCount(await memory(compiled.count))).toBe(totalCount(await database.aggregate(compiled.count)));
  return found;
}

it('finds in memory what a plain evaluation finds', { tags: ['sized'] }, async () => {
  await fc.assert(
    fc.asyncProperty(anyCondition, async (condition) => {
      const { rows: stages } = compile({ filter: [condition], sort: [{ key: 'supervisor_id' }] });
      const wanted = rows.filter((row) => passes(row, { filter: [condition] }));
      expect((await memory(stages)).map((row) => row['_id'])).toEqual(wanted.map((row) => row._id));
    }),
    { numRuns: size(300, 3_000) },
  );
});

it('answers whole queries as the database does', { tags: ['sized'] }, async () => {
  await fc.assert(
    fc.asyncProperty(anyQuery, async (query) => {
      const { skip, limit } = compile(query);
      const wanted = sorted(
        rows.filter((row) => passes(row, query)),
        query.sort,
      );
      const found = await answerAlike(query);
      expect(found.map((row) => row['_id'])).toEqual(wanted.slice(skip, skip + limit).map((row) => row._id));
    }),
    { numRuns: size(100, 1_000) },
  );
});

it.each<Query>([
  { only: ['name', 'labels.env'] },
  { only: ['supervisor_id'] },
  { only: ['restarts'] },
  { minimal: true },
  {
    unwind: { path: 'plugins', filter: [{ k: 'plugins.state', v: 'ENABLED', o: 'eq' }] },
    sort: [{ key: 'plugins.id' }],
  },
  { unwind: { path: 'endpoints', filter: [{ k: 'endpoints', v: 'web', o: 'contain' }] } },
  { filter: [{ k: 'labels.env', v: { $gt: '' }, o: 'eq' }] },
  { filter: [{ k: 'labels', v: { $regex: 'a', $set: 2 }, o: 'match' }] },
  { filter: [{ k: 'name', v: '$where', o: 'eq' }] },
])('shapes its answers as the database does: %j', async (query) => {
  await answerAlike(query);
});

it('searches in time that is linear in the text, whatever the pattern', async () => {
  const long = inMemory([{ _id: '1', name: 'a'.repeat(200_000) }]);
  // An engine that goes back and tries again would need 10^15 steps.
  const { rows: stages } = compile({ filter: [{ k: 'name', v: 'a*a*a*b', o: 'regex' }] });
  expect(await long(stages)).toEqual([]);
});

it('leaves the rows as they are', async () => {
  const before = JSON.stringify(rows);
  await memory(compile({ sort: [{ key: 'name', desc: true }] }).rows);
  expect(JSON.stringify(rows)).toBe(before);
});
