import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { writeAtomically } from './atomic-file.js';
import { bootId, processEntry } from './proc-table.js';

/** Who holds a data directory. */
interface Holder {
  readonly pid: number;
  readonly start_time: string;
  readonly boot_id: string;
  readonly hostname: string;
  readonly since: string;
}

/** The agent's own place on disk, held by one agent at a time. */
export class DataDirectory {
  private constructor(
    /** `<data>/agent` */
    readonly path: string,
    /** The same for as long as the directory lives: marks what was started from it. */
    readonly agentId: string,
    private readonly lock: string,
  ) {}

  get instances(): string {
    return join(this.path, 'instances');
  }

  get logs(): string {
    return join(this.path, 'logs');
  }

  /** @throws Error saying who holds it, when another agent does */
  static async open(dataDirectory: string): Promise<DataDirectory> {
    const path = resolve(dataDirectory, 'agent');
    await mkdir(path, { recursive: true });
    const lock = join(path, 'lock');
    await acquire(lock, path);
    return new DataDirectory(path, await identity(join(path, 'id')), lock);
  }

  async close(): Promise<void> {
    await rm(this.lock, { force: true });
  }
}

async function identity(path: string): Promise<string> {
  const known = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (known !== '') return known;
  const created = randomUUID();
  await writeAtomically(path, `${created}\n`);
  return created;
}

async function acquire(lock: string, path: string): Promise<void> {
  const claim = `${lock}.${process.pid}-${randomUUID()}`;
  const holder: Holder = {
    pid: process.pid,
    start_time: (await processEntry(process.pid))?.startTime ?? '',
    boot_id: bootId(),
    hostname: hostname(),
    since: new Date().toISOString(),
  };
  await writeFile(claim, JSON.stringify(holder), { mode: 0o600 });
  try {
    // A link is made whole or not at all: nobody ever reads half a lock.
    while (!(await linkTo(claim, lock))) await removeStale(lock, path);
  } finally {
    await rm(claim, { force: true });
  }
}

async function linkTo(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @throws Error when whoever made the lock still runs */
async function removeStale(lock: string, path: string): Promise<void> {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const holder = parse(text);
  if (holder && (await holds(holder))) {
    throw new Error(
      `The data directory ${path} is in use by the agent with process id ${holder.pid} on ${holder.hostname} ` +
        `since ${holder.since}. Stop that one, or give this one another data directory.`,
    );
  }
  // Moved, then looked at: where two agents find the same stale lock, the later must not remove the earlier's new one.
  const aside = `${lock}.stale-${randomUUID()}`;
  const moved = await rename(lock, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await readFile(aside, 'utf8')) !== text) await linkTo(aside, lock);
  await rm(aside, { force: true });
}

function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

async function holds({ pid, start_time, boot_id }: Holder): Promise<boolean> {
  if (boot_id !== bootId()) return false;
  return (await processEntry(pid))?.startTime === start_time;
}
