import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StorageError } from './frames.js';

interface Holder {
  pid: number;
  /** When the process started, in the kernel's ticks: tells a holder from a later process with its number. */
  started: string;
  host: string;
  since: string;
}

/** Makes this process the only one that uses a directory. @throws StorageError naming the process that holds it */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'lock');
  const guard = await listenGuard(directory);
  const holder = readHolder(file);
  if (guard === 'taken' || (holder && isAlive(holder))) {
    if (guard instanceof Object) guard.close();
    const who = holder ? `process ${holder.pid} on ${holder.host} since ${holder.since}` : 'another process';
    throw new StorageError(`the data directory ${directory} is in use by ${who}`);
  }
  const self: Holder = {
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
    since: new Date().toISOString(),
  };
  try {
    writeFileSync(file, JSON.stringify(self));
  } catch (error) {
    // On a full disk the data can still be read, and the socket alone keeps others out.
    if (guard === 'none' || (error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
  return async () => {
    rmSync(file, { force: true });
    if (guard instanceof Object) await new Promise((resolve) => guard.close(resolve));
  };
}

/**
 * On Linux a socket in the abstract namespace is the lock: taking it is atomic, and the kernel frees it however its
 * process ends. Elsewhere the lock file alone has to do.
 */
async function listenGuard(directory: string): Promise<Server | 'taken' | 'none'> {
  if (process.platform !== 'linux') return 'none';
  const { dev, ino } = statSync(directory);
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return await new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve('taken') : reject(error),
    );
    server.listen({ path: `\0berth-embedded-mongo-${dev}-${ino}` }, () => resolve(server));
  });
}

function readHolder(file: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof holder === 'object' && holder !== null && 'pid' in holder ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(holder.pid) === holder.started;
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
