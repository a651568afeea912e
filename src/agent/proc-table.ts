import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** One process as the system lists it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly group: number;
  /** Tells it from a later process with the same number. */
  readonly startTime: string;
}

const onLinux = process.platform === 'linux';

/** Names this run of the machine: numbers and start times of processes mean nothing beyond it. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Elsewhere the start times below are dates, and need no help.
    return '';
  }
}

/** @returns undefined for a process that has ended, reaped or not */
export async function processEntry(pid: number): Promise<ProcessEntry | undefined> {
  return onLinux ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name, in brackets, may hold anything; what follows the last bracket are plain fields.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, , group] = fields;
    const startTime = fields[19];
    if (!startTime || !group || state === 'Z' || state === 'X') return undefined;
    return { pid, group: Number(group), startTime };
  } catch {
    return undefined;
  }
}

async function fromPs(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pgid=,stat=,lstart=', '-p', String(pid)]);
    const [, group, state, startTime] = /^\s*(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(stdout) ?? [];
    if (!startTime || state?.startsWith('Z')) return undefined;
    return { pid, group: Number(group), startTime };
  } catch {
    return undefined;
  }
}

/** Whether this very process still runs. */
export async function isRunning(pid: number, startTime: string): Promise<boolean> {
  return (await processEntry(pid))?.startTime === startTime;
}

/**
 * The environment that a process was started with.
 *
 * @returns an empty one where it cannot be read: another user's process, or one that has just ended
 */
async function environmentOf(pid: number): Promise<ReadonlyMap<string, string>> {
  try {
    const text = await readFile(`/proc/${pid}/environ`, 'utf8');
    return new Map(
      text.split('\0').map((entry) => {
        const at = entry.indexOf('=');
        return [entry.slice(0, at), entry.slice(at + 1)] as const;
      }),
    );
  } catch {
    return new Map();
  }
}

export interface MarkedProcess extends ProcessEntry {
  readonly environment: ReadonlyMap<string, string>;
}

/** Every running process that was started with `name=value`; none where the system does not tell (not Linux). */
export async function processesWith(name: string, value: string): Promise<readonly MarkedProcess[]> {
  if (!onLinux) return [];
  const pids = await allPids();
  const found: MarkedProcess[] = [];
  const search = async (): Promise<void> => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      const environment = await environmentOf(pid);
      const entry = environment.get(name) === value ? fromProc(pid) : undefined;
      if (entry) found.push({ ...entry, environment });
    }
  };
  // A file that cannot be opened for want of descriptors would look like a process that is not ours.
  await Promise.all(Array.from({ length: SEARCHES }, search));
  return found;
}

const SEARCHES = 16;

async function allPids(): Promise<number[]> {
  return (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
}

/** Whether any process of the group still runs; ended ones that nobody has reaped do not count. */
export async function groupRuns(group: number): Promise<boolean> {
  try {
    process.kill(-group, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  if (!onLinux) return true;
  return (await allPids()).some((pid) => fromProc(pid)?.group === group);
}
