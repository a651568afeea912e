import { ObjectId } from 'bson';
import { lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { SET_NAME } from './commands/server.js';
import { Connection } from './connection.js';
import { Cursors } from './cursors.js';
import { Database } from './database.js';
import { lockDirectory } from './directory-lock.js';
import { Dispatcher } from './dispatcher.js';
import { StorageError } from './frames.js';
import { keepHouse } from './housekeeping.js';
import { Journal } from './journal.js';
import { Store } from './store.js';

export { StorageError };

/** Where the data is, where to listen, and how much to keep. */
export interface EmbeddedMongoOptions {
  /** The data directory; made if it is not there. */
  directory: string;
  /** The loopback address to listen on. Default 127.0.0.1. */
  host?: string | undefined;
  /** The port; 0, the default, takes a free one. */
  port?: number | undefined;
  /** A Unix socket to listen on besides. */
  socketPath?: string | undefined;
  /** How long events are kept for change streams that resume, in seconds. Default 3600. */
  historySeconds?: number | undefined;
  /** How many bytes of events are kept at most. Default 16 MiB. */
  historyBytes?: number | undefined;
  /** How many bytes of documents may be stored. Default 4 GiB. */
  maxBytes?: number | undefined;
  /** How long an idle cursor is kept, in seconds. Default 600. */
  cursorSeconds?: number | undefined;
  /** How many clients may be connected. Default 2,000. */
  maxConnections?: number | undefined;
}

/** A running server. */
export interface EmbeddedMongo {
  /** What `mongoose.connect` takes; a path such as a database name can be put before its `?`. */
  uri: string;
  /** The same for the Unix socket, if there is one. */
  socketUri: string | undefined;
  /** Ends connections, waits for the disk, and gives the directory free. */
  close(): Promise<void>;
}

const MAX_CURSORS = 10_000;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/**
 * Starts the embedded database.
 * @throws StorageError when the directory is in use, damaged, or of a newer format; the system's error when the port is taken.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { directory, host = '127.0.0.1', port = 0, socketPath } = options;
  if (!LOOPBACK.test(host))
    throw new StorageError(`${host} is no loopback address, and there is no authentication here`);
  /** What has been started, to be ended in the opposite order. */
  const started: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    started.push(await lockDirectory(resolve(directory)));
    const store = new Store({
      seconds: options.historySeconds ?? 3600,
      bytes: options.historyBytes ?? 16 * 1024 * 1024,
    });
    const journal = Journal.open(resolve(directory), store);
    started.push(() => journal.close());
    const database = new Database(journal, options.maxBytes ?? 4 * 1024 ** 3);
    const cursors = new Cursors((options.cursorSeconds ?? 600) * 1000, MAX_CURSORS);
    const sockets = new Set<Socket>();
    const info = {
      address: '',
      processId: new ObjectId(),
      startedAt: Date.now(),
      connections: () => sockets.size,
      counters: {},
    };
    const accept = acceptor(new Dispatcher(database, cursors, info), sockets, options.maxConnections ?? 2_000);
    const serve = async (where: { host: string; port: number } | { path: string }): Promise<Server> => {
      const server = await listen(accept(), where);
      started.push(() => endServer(server, sockets));
      return server;
    };
    const bound = (await serve({ host, port })).address() as AddressInfo;
    info.address = `${host.includes(':') ? `[${host}]` : host}:${bound.port}`;
    if (socketPath !== undefined) {
      await removeDeadSocket(socketPath);
      await serve({ path: socketPath });
    }
    const stopHousekeeping = keepHouse(database, cursors);
    started.push(() => Promise.resolve(stopHousekeeping()));
    const query = `?replicaSet=${SET_NAME}&directConnection=true`;
    return {
      uri: `mongodb://${info.address}/${query}`,
      socketUri: socketPath === undefined ? undefined : `mongodb://${encodeURIComponent(socketPath)}/${query}`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function acceptor(dispatcher: Dispatcher, sockets: Set<Socket>, maxConnections: number): () => Server {
  let last = 0;
  return () =>
    createServer((socket) => {
      if (sockets.size >= maxConnections) return socket.destroy();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return new Connection(socket, ++last, dispatcher);
    });
}

async function endServer(server: Server, sockets: Set<Socket>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const socket of sockets) socket.destroy();
  await closed;
}

/** Removes the socket that a killed server left behind; one that answers stays, and listening will fail. */
async function removeDeadSocket(path: string): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const probe = connect(path);
  const answers = await new Promise((resolve) =>
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false)),
  );
  probe.destroy();
  if (!answers) rmSync(path, { force: true });
}

async function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => resolve());
  });
  return server;
}
