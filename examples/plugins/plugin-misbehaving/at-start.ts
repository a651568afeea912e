import { spawn } from 'node:child_process';
import { appendFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Misbehaviour } from './settings.js';

/** What goes wrong before the plugin listens. */
export async function misbehaveAtStart(wishes: Misbehaviour): Promise<void> {
  const { crash_at_start: code, crash_starts: crashes, starts_file: startsFile } = wishes;
  if (crashes !== undefined && startsFile === undefined) throw new Error('MISBEHAVE_CRASH_STARTS needs a STARTS_FILE.');
  const start = startsFile === undefined ? 0 : countStart(startsFile);
  if (wishes.leave_child) leaveChild();
  if (wishes.start_delay_ms !== undefined) await sleep(wishes.start_delay_ms);
  if (code !== undefined) crash(`was told to crash at its start`, code);
  if (crashes !== undefined && start <= crashes)
    crash(`crashes at start ${start} of ${crashes}`, wishes.exit_code ?? 1);
}

export function crash(why: string, code: number): never {
  process.stderr.write(`plugin-misbehaving ${why}, with exit code ${code}\n`);
  process.exit(code);
}

/** One byte for each start: appending needs no lock. */
function countStart(path: string): number {
  appendFileSync(path, '.');
  return statSync(path).size;
}

/** A process that outlives this one unless somebody ends the whole group. */
function leaveChild(): void {
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' }).unref();
}
