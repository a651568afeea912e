import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BerthProcess } from './berth-process.js';
import { descendants, type Process, stillRunning } from './processes.js';

/** Where the story takes place: a fresh directory, the server in it, and every process that either brought about. */
export class Stage {
  private readonly directory = mkdtempSync(join(tmpdir(), 'berth-demo-'));
  private readonly seen = new Map<number, Process>();
  private server?: BerthProcess;

  /** The server; started at its first use. */
  get berth(): BerthProcess {
    return (this.server ??= new BerthProcess(this.directory));
  }

  get log(): string {
    return this.server?.logTail() ?? '';
  }

  /** Notes what runs now: a process whose parent has ended could not be found later. */
  look(): Process[] {
    const now = descendants();
    for (const one of now) this.seen.set(one.pid, one);
    return now;
  }

  get numberSeen(): number {
    return this.seen.size;
  }

  /** What still runs of all that was ever noted. */
  left(): Process[] {
    return stillRunning([...this.seen.values()]);
  }

  /** Ends whatever is left, by force where it does not go by itself, and removes the directory. */
  async clear(): Promise<void> {
    this.look();
    await this.server?.stop().catch(() => undefined);
    for (const { pid } of this.left()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was faster.
      }
    }
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
