import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../src/embedded-mongo/index.js';
import { QUERY_TIME, type Stage } from '../../src/query/index.js';
import type { Row } from './collection.js';

/** A collection of a database, asked through the official driver. */
export interface TestDatabase {
  readonly collection: Collection<Row>;
  aggregate(stages: readonly Stage[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Starts the embedded database and stores the rows; with BERTH_TEST_MONGODB_URI, uses that MongoDB instead. */
export async function openDatabase(rows: readonly Row[]): Promise<TestDatabase> {
  const given = process.env['BERTH_TEST_MONGODB_URI'];
  const directory = await mkdtemp(join(tmpdir(), 'berth-query-'));
  const server = given === undefined ? await startEmbeddedMongo({ directory }) : undefined;
  const client = await MongoClient.connect(server?.uri ?? given ?? '');
  const database = client.db(`berth_query_${process.pid}`);
  const collection = database.collection<Row>('rows');
  await collection.deleteMany({});
  if (rows.length > 0) await collection.insertMany([...rows]);
  return {
    collection,
    aggregate: (stages) => collection.aggregate([...stages], QUERY_TIME).toArray(),
    close: async () => {
      if (given !== undefined) await database.dropDatabase();
      await client.close();
      await server?.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
