import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../src/embedded-mongo/index.js';

/** A database that servers under test use, and that the test can look into: also to let time pass in what it holds. */
export interface SharedDatabase {
  /** For MONGODB_URI. */
  readonly uri: string;
  /** The collections of the servers that use it. */
  readonly db: Db;
  close(): Promise<void>;
}

/** Starts the embedded database in this process. */
export async function startDatabase(): Promise<SharedDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-database-'));
  const server = await startEmbeddedMongo({ directory });
  const client = await MongoClient.connect(server.uri);
  return {
    uri: server.uri,
    db: client.db('berth'),
    close: async () => {
      await client.close();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
