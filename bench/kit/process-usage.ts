import { readFileSync } from 'node:fs';

/** Ticks of `/proc` in a second: the kernel's USER_HZ, the same everywhere. */
const TICKS = 100;
const PAGE = 4096;

/** What a process has used so far. */
export interface ProcessUsage {
  /** User and system time, in seconds. */
  readonly cpu: number;
  /** Resident memory, in bytes. */
  readonly memory: number;
}

/** Reads `/proc`: Linux alone. */
export function usageOf(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in brackets, may have spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, memory: Number(fields[21]) * PAGE };
}
