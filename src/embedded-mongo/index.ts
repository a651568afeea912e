import { lstatSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
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
  host?: string;
  /** The port; 0, the default, takes a free one. */
  port?: number;
  /** A Unix socket to listen on besides. */
  socketPath?: string;
  /** How long events are kept for change streams that resume, in seconds. Default 3600. */
  historySeconds?: number;
  /** How many bytes of events are kept at most. Default 16 MiB. */
  historyBytes?: number;
  /** How many bytes of documents may be stored. Default 4 GiB. */
  maxBytes?: number;
  /** How long an idle cursor is kept, in seconds. Default 600. */
  cursorSeconds?: number;
  /** How many clients may be connected. Default 2,000. */
  maxConnections?: number;
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
  const unlock = await lockDirectory(directory);
  try {
    const store = new Store({
      seconds: options.historySeconds ?? 3600,
      bytes: options.historyBytes ?? 16 * 1024 * 1024,
    });
    const journal = Journal.open(directory, store);
    const database = new Database(journal, options.maxBytes ?? 4 * 1024 ** 3);
    const cursors = new Cursors((options.cursorSeconds ?? 600) * 1000, MAX_CURSORS);
    const sockets = new Set<Socket>();
    const info = { address: '', startedAt: Date.now(), connections: () => sockets.size, counters: {} };
    const dispatcher = new Dispatcher(database, cursors, info);
    const accept = acceptor(dispatcher, sockets, options.maxConnections ?? 2_000);
    const tcp = await listen(accept(), { host, port });
    const local = socketPath === undefined ? undefined : await listenOnPath(accept(), socketPath);
    const bound = tcp.address() as AddressInfo;
    info.address = `${host.includes(':') ? `[${host}]` : host}:${bound.port}`;
    const stopHousekeeping = keepHouse(database, cursors);
    const query = `?replicaSet=${SET_NAME}&directConnection=true`;
    return {
      uri: `mongodb://${info.address}/${query}`,
      socketUri: socketPath === undefined ? undefined : `mongodb://${encodeURIComponent(socketPath)}/${query}`,
      close: async () => {
        stopHousekeeping();
        const servers = local ? [tcp, local] : [tcp];
        const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
        for (const socket of sockets) socket.destroy();
        await Promise.all(closed);
        await journal.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
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

async function listenOnPath(server: Server, path: string): Promise<Server> {
  // The directory lock is held, so a socket that is there is one that a killed server left behind.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
  return await listen(server, { path });
}

async function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => resolve());
  });
  return server;
}
