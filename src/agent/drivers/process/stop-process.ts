import { setTimeout as delay } from 'node:timers/promises';
import { DriverError } from '../driver-error.js';
import { groupRuns, isRunning, processEntry, processesWith } from '../../proc-table.js';
import { LAUNCH_MARK, type ProcessData } from './process-data.js';

/** A killed process that is still there after this long waits for the kernel (a disk, a network file system). */
const KILLED_WITHIN_MS = 5_000;

/**
 * Ends the process group of a launch, and every process that carries its mark, wherever it went.
 *
 * @throws DriverError when something of it is still there
 */
export async function stopProcess(launchId: string, data: ProcessData, graceMs: number): Promise<void> {
  // The number of a leader that has ended may belong to somebody else by now: then the marks alone are trusted.
  const { pid, startTime } = data;
  if (pid !== undefined && startTime !== undefined && (await isRunning(pid, startTime))) {
    await stopGroup(pid, graceMs);
  }
  const left = await killMarked(launchId);
  if (left.length > 0) throw new DriverError(`Processes ${left.join(', ')} cannot be killed.`, true);
}

async function stopGroup(group: number, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    signalGroup(group, 'SIGTERM');
    if (await until(async () => !(await groupRuns(group)), graceMs)) return;
  }
  signalGroup(group, 'SIGKILL');
  if (await until(async () => !(await groupRuns(group)), KILLED_WITHIN_MS)) return;
  throw new DriverError(`Process group ${group} cannot be killed.`, true);
}

async function killMarked(launchId: string): Promise<readonly number[]> {
  const marked = await processesWith(LAUNCH_MARK, launchId);
  for (const { pid } of marked) signal(pid, 'SIGKILL');
  const gone = async (): Promise<boolean> => (await runningOf(marked)).length === 0;
  return (await until(gone, KILLED_WITHIN_MS)) ? [] : runningOf(marked);
}

async function runningOf(processes: readonly { pid: number; startTime: string }[]): Promise<readonly number[]> {
  const entries = await Promise.all(processes.map(({ pid }) => processEntry(pid)));
  return processes.filter(({ startTime }, index) => entries[index]?.startTime === startTime).map(({ pid }) => pid);
}

/** Signals a group that may be gone. */
export function signalGroup(group: number, name: NodeJS.Signals): void {
  signal(-group, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks again and again, quickly at first: most processes end within milliseconds. */
async function until(condition: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (let pause = 2; !(await condition()); pause = Math.min(100, pause * 1.5)) {
    if (performance.now() >= end) return false;
    await delay(Math.min(pause, Math.max(1, end - performance.now())));
  }
  return true;
}
