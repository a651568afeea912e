import { MongoServerError, type Document } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { filters, NONE, refusedFilters } from './cases/filters.js';
import { start, type Running } from './kit.js';

let running: Running;

beforeAll(async () => {
  running = await start({}, { maxPoolSize: 4 });
});

afterAll(() => running.stop());

/** What each filter finds among the documents of its case, by their position in it. */
async function found(): Promise<unknown[]> {
  const finds = filters.map(async ([filter], number) => {
    const docs = await running.db
      .collection('c')
      .find({ $and: [{ number }, filter] })
      .toArray();
    return [filter, docs.map(({ position }) => position as number).sort((a, b) => a - b)];
  });
  return await Promise.all(finds);
}

it('filters find over the wire what they find in src/embedded-mongo/matcher.spec.ts, with or without an index', async () => {
  const docs = filters.flatMap(([, values], number) =>
    values.map((a, position): Document => ({ number, position, ...(a === NONE ? {} : { a }) })),
  );
  await running.db.collection('c').insertMany(docs);
  const expected = filters.map(([filter, , matching]) => [filter, matching]);
  expect(await found()).toEqual(expected);
  // An index may change where is looked, never what is found.
  await running.db.collection('c').createIndex({ a: 1 });
  expect(await found()).toEqual(expected);
  await running.db.collection('c').createIndexes([{ key: { 'a.b': 1 } }, { key: { number: 1, a: 1 } }]);
  expect(await found()).toEqual(expected);
});

it('filters are refused over the wire as they are by the functions', async () => {
  const refusals = refusedFilters.map(async ([filter]) => {
    const error: unknown = await running.db
      .collection('c')
      .aggregate([{ $match: filter }])
      .toArray()
      .catch((thrown: unknown) => thrown);
    return [filter, error instanceof MongoServerError ? { code: error.code, errmsg: error.message } : error];
  });
  expect(await Promise.all(refusals)).toEqual(refusedFilters);
});
