import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient, type Db, type Document, type MongoClientOptions } from 'mongodb';
import { startEmbeddedMongo, type EmbeddedMongo, type EmbeddedMongoOptions } from '../../src/embedded-mongo/index.js';
import { freePort } from '../support/free-port.js';

/** A server of this process with a directory of its own, and a client of it. */
export interface Running {
  server: EmbeddedMongo;
  client: MongoClient;
  db: Db;
  directory: string;
  /** Stops the server and starts it again over the same directory. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
}

export async function start(
  options: Partial<EmbeddedMongoOptions> = {},
  clientOptions: MongoClientOptions = {},
): Promise<Running> {
  const directory = options.directory ?? newDirectory();
  // Its own port, which nobody takes while it is restarted.
  const port = await freePort();
  const server = await startEmbeddedMongo({ port, ...options, directory });
  const client = new MongoClient(server.uri, clientOptions);
  const running: Running = {
    server,
    client,
    db: client.db('test'),
    directory,
    restart: async () => {
      await running.server.close();
      // The driver's sockets are in this process: they hear of the end before the next command, as between processes.
      await delay(10);
      running.server = await startEmbeddedMongo({ port, ...options, directory });
    },
    stop: async () => {
      await client.close();
      await running.server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return running;
}

/** A document of any shape, with the kinds of `_id` the tests use. */
export interface Any {
  _id?: number | string;
  [field: string]: unknown;
}

/** A command without the session and the retries that the driver would add. */
export async function rawCommand(uri: string, command: Document): Promise<Document> {
  const { serialize, deserialize } = await import('bson');
  const socket = connect(Number(new URL(uri).port), '127.0.0.1');
  const body = serialize(command);
  const head = Buffer.alloc(21);
  [21 + body.length, 1, 0, 2013].forEach((value, i) => head.writeInt32LE(value, i * 4));
  socket.write(Buffer.concat([head, body]));
  const reply = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.destroy();
  return deserialize(reply.subarray(21));
}
