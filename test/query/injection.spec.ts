import { type Document, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BerthError } from '../../src/common/errors/berth-error.js';
import { compileQuery, compileStat, queryRefusal } from '../../src/query/index.js';
import type { Row } from './collection.js';
import { openDatabase, type TestDatabase } from './database.js';
import { NOW, sampleFields } from './sample.js';

const created_at = new Date('2026-01-01');
const proto = JSON.parse('{"__proto__": {"name": "x"}}') as Record<string, unknown>;
const rows: Row[] = [
  { _id: 'plain', name: 'plain', labels: { env: 'prod' }, created_at },
  { _id: 'odd', name: '$where', labels: { env: { $gt: '' }, constructor: 'c', 'a.b': 1, $set: 2 }, created_at },
];
let database: TestDatabase;

beforeAll(async () => {
  database = await openDatabase(rows);
});
afterAll(() => database.close());

async function ask(query: unknown): Promise<unknown[]> {
  const compiled = compileQuery(query as never, sampleFields, { now: NOW });
  const piped = await database.aggregate(compiled.rows);
  const found = await database.collection.find(compiled.filter as Document, { sort: { ...compiled.sort } }).toArray();
  expect(found.map((row) => row._id)).toEqual(piped.map((row) => row['_id']));
  return found.map((row) => row._id);
}

describe('what looks like an operator is data', () => {
  it.each<[string, string, unknown, string[]]>([
    ['labels.env', 'eq', { $gt: '' }, ['odd']],
    ['labels.env', 'eq', { $ne: null }, []],
    ['labels.env', 'in', [{ $gt: '' }], ['odd']],
    ['labels.env', 'in', [{ $regex: '.*' }], []],
    ['labels.env', 'not', { $gt: '' }, ['plain']],
    ['labels.env', 'not_in', [{ $gt: '' }, 'x'], ['plain']],
    ['labels.env', 'eq', { $where: 'sleep(10000)' }, []],
    ['labels', 'match', { env: { $exists: true } }, []],
    ['labels', 'match', { env: { $gt: '' } }, ['odd']],
    ['labels', 'match', { $set: 2 }, ['odd']],
    ['labels', 'match', { 'a.b': 1 }, ['odd']],
    ['labels', 'match', { $where: 'true' }, []],
    ['labels', 'match', { $or: null }, ['odd', 'plain']],
    ['labels.constructor', 'eq', 'c', ['odd']],
    ['labels.constructor', 'exists', false, ['plain']],
    ['labels.toString', 'exists', true, []],
    ['name', 'eq', '$where', ['odd']],
    ['name', 'eq', '$$ROOT', []],
    ['name', 'contain', '$', ['odd']],
    ['name', 'contain', '.*', []],
    ['name', 'in', ['$where', '$name'], ['odd']],
    ['name', 'gt', '$', ['odd', 'plain']],
  ])('%s %s %j', async (k, o, v, ids) => expect((await ask({ filter: [{ k, v, o }] })).sort()).toEqual(ids));

  it('in the keyword too', async () => {
    expect(await ask({ keyword: '.*' })).toEqual([]);
    expect(await ask({ keyword: '$where' })).toEqual(['odd']);
    expect(await ask({ keyword: '(' })).toEqual([]);
  });
});

describe('what could reach the database is refused before it does', () => {
  const deep = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown;
  const many = Array.from({ length: 100_000 }, () => 'x');

  it.each<[string, unknown]>([
    ['$where as a field', { filter: [{ k: '$where', v: '1', o: 'eq' }] }],
    ['$expr as a field', { filter: [{ k: '$expr', v: {}, o: 'eq' }] }],
    ['an operator at the end of a path', { filter: [{ k: 'labels.$gt', v: '', o: 'eq' }] }],
    ['an operator as operator', { filter: [{ k: 'name', v: '', o: '$gt' }] }],
    ['an object for a text', { filter: [{ k: 'name', v: { $gt: '' }, o: 'eq' }] }],
    ['a field beside the declared', { filter: [{ k: 'epoch', v: 1, o: 'eq' }] }],
    ['the database its own id', { filter: [{ k: '_id', v: 'plain', o: 'eq' }] }],
    ['NUL in a path', { filter: [{ k: 'labels.a\0b', v: 1, o: 'eq' }] }],
    ['NUL in a key', { filter: [{ k: 'labels.a', v: { 'a\0': 1 }, o: 'eq' }] }],
    ['NUL in a text to find', { filter: [{ k: 'name', v: 'a\0', o: 'contain' }] }],
    ['a prototype as a value', { filter: [{ k: 'labels.a', v: proto, o: 'eq' }] }],
    ['a prototype as a path', { filter: [{ k: 'labels.__proto__.name', v: 'x', o: 'eq' }] }],
    ['a class of the driver', { filter: [{ k: 'labels.a', v: { _bsontype: 'Code', code: 'x' }, o: 'eq' }] }],
    ['depth', { filter: [{ k: 'labels.a', v: { a: deep }, o: 'eq' }] }],
    ['depth of a filter', { filter: deep }],
    ['many conditions', { filter: many }],
    ['many values', { filter: [{ k: 'name', v: many, o: 'in' }] }],
    ['a catastrophe', { filter: [{ k: 'name', v: '^(a+)+$', o: 'regex' }] }],
    ['a sort by an operator', { sort: [{ key: '$natural' }] }],
    ['a projection of an expression', { only: ['$name'] }],
    ['an unwind of a path', { unwind: { path: '$labels' } }],
    ['another collection', { lookup: [{ $lookup: { from: 'secrets' } }] }],
    ['an added field', { add_fields: { x: { $function: {} } } }],
  ])('%s', (_, query) => expect(() => compileQuery(query as never, sampleFields)).toThrow(BerthError));

  it.each<[string, unknown]>([
    ['another stage', { aggregate: [{ $out: 'x' }] }],
    ['a path for a name', { aggregate: [{ group: { fields: [{ n: 'a.b', o: 'count' }] } }] }],
    ['an operator for a name', { aggregate: [{ group: { fields: [{ n: '$sum', o: 'count' }] } }] }],
    ['a variable for a key', { aggregate: [{ group: { keys: [{ k: '$$ROOT', n: 'x' }] } }] }],
    ['a field beside the declared', { distinct: 'epoch' }],
    ['a count as an operator', { aggregate: [{ count: { name: '$x' } }] }],
  ])('%s', (_, query) => expect(() => compileStat(query as never, sampleFields)).toThrow(BerthError));

  it('and leaves no trace on objects', () => {
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });
});

describe('what the database alone can refuse', () => {
  it('is told as an error of the query', () => {
    const thrown = (code: number) => Object.assign(new MongoServerError({ message: 'no' }), { code });
    expect(queryRefusal(thrown(51091))).toMatchObject({ code: 'ERROR_DB_QUERY' });
    expect(queryRefusal(thrown(50))).toMatchObject({ code: 'ERROR_DB_QUERY' });
    expect(queryRefusal(thrown(11000))).toBeUndefined();
    expect(queryRefusal(new Error('no'))).toBeUndefined();
    expect(queryRefusal('no')).toBeUndefined();
  });
});
