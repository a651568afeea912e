import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { syncDirectory } from './data-file.js';
import { StorageError } from './frames.js';

const HEARTBEAT_MS = 1_000;
/** So long is a lock watched that another host holds: one that is alive touches it meanwhile. */
const WATCH_MS = 3 * HEARTBEAT_MS;

interface Holder {
  pid: number;
  /** When the process started, in the kernel's ticks: tells a holder from a later process with its number. */
  started: string;
  host: string;
  since: string;
}

/** Makes this process the only one that uses a directory. @throws StorageError naming the process that holds it */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  makeDirectory(directory);
  const file = join(directory, 'lock');
  const guard = await listenGuard(directory);
  const holder = readHolder(file);
  if (guard === 'taken' || (holder && (await isAlive(holder, file)))) {
    if (guard instanceof Object) guard.close();
    const who = holder ? `process ${holder.pid} on ${holder.host} since ${holder.since}` : 'another process';
    throw new StorageError(`the data directory ${directory} is in use by ${who}`);
  }
  const started = startOf(process.pid);
  writeLock(file, { pid: process.pid, started, host: hostname(), since: new Date().toISOString() });
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS).unref();
  return async () => {
    clearInterval(heartbeat);
    rmSync(file, { force: true });
    if (guard instanceof Object) await new Promise((resolve) => guard.close(resolve));
  };
}

function makeDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) syncDirectory(dirname(made));
}

/**
 * On Linux a socket in the abstract namespace is the lock: taking it is atomic, and the kernel frees it however its
 * process ends. Elsewhere, and between containers, which do not share that namespace, the lock file has to do.
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

function writeLock(file: string, holder: Holder): void {
  try {
    writeFileSync(file, JSON.stringify(holder));
  } catch (error) {
    // On a full disk the data can still be read, and the socket alone keeps others out.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody has removed the file: there is nobody left to warn.
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof holder === 'object' && holder !== null && 'pid' in holder ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

async function isAlive(holder: Holder, file: string): Promise<boolean> {
  if (holder.host === hostname()) return startOf(holder.pid) === holder.started && exists(holder.pid);
  const before = touchedAt(file);
  await delay(WATCH_MS);
  return touchedAt(file) !== before;
}

function touchedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
