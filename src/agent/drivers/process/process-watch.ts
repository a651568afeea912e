import type { ChildProcess } from 'node:child_process';
import type { Exit } from '../driver.js';
import { logTail } from './log-file.js';
import { isPortFree } from '../ports.js';
import { isRunning } from '../../proc-table.js';
import type { ProcessData } from './process-data.js';
import { signalGroup } from './stop-process.js';

type Listener = (exit: Exit) => void;

/** Tells when a process has ended: once, also to who asks later, unless it was silenced before. */
export abstract class ProcessWatch {
  private exit?: Exit;
  private listener?: Listener;
  private silent = false;

  constructor(readonly data: ProcessData) {}

  listen(listener: Listener): () => void {
    this.listener = listener;
    // A late listener hears of an earlier end; never from within its own call.
    if (this.exit) queueMicrotask(() => this.tell());
    return () => {
      if (this.listener === listener) this.listener = undefined;
    };
  }

  /** From now on the end is nobody's business. */
  silence(): void {
    this.silent = true;
    this.listener = undefined;
  }

  protected ended(exit: Exit): void {
    this.exit = exit;
    this.tell();
  }

  private tell(): void {
    const listener = this.listener;
    if (!listener || !this.exit || this.silent) return;
    this.listener = undefined;
    listener(this.exit);
  }
}

/** A process that this agent started: the system tells of its end. */
export class ChildProcessWatch extends ProcessWatch {
  constructor(
    private readonly child: ChildProcess & { pid: number },
    data: ProcessData,
    private readonly bindHost: string,
  ) {
    super(data);
    const { exitCode, signalCode } = child;
    if (exitCode !== null || signalCode !== null) void this.onExit(exitCode, signalCode);
    else child.once('exit', (code, signal) => void this.onExit(code, signal));
  }

  private async onExit(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    // At this moment the number cannot have been given to another group yet: take what the leader left behind.
    signalGroup(this.child.pid, 'SIGKILL');
    const portTaken = code !== 0 && (await this.lostItsPort());
    const how = signal ? `was killed by ${signal}` : `exited with code ${code}`;
    this.ended({
      reason: portTaken ? `${how}: port ${this.data.port} was taken by somebody else` : how,
      blameless: portTaken,
    });
  }

  private async lostItsPort(): Promise<boolean> {
    const output = await logTail(this.data.log, this.data.logOffset, 16_384).catch(() => '');
    if (!/EADDRINUSE|address already in use/i.test(output)) return false;
    return !(await isPortFree(this.bindHost, this.data.port));
  }
}

/** A process that an earlier agent started: nobody tells, so it is looked after. */
export class AdoptedProcess extends ProcessWatch {
  private readonly timer: NodeJS.Timeout;

  constructor(data: ProcessData, pollMs: number) {
    super(data);
    this.timer = setInterval(() => void this.look(), pollMs).unref();
  }

  override silence(): void {
    clearInterval(this.timer);
    super.silence();
  }

  private async look(): Promise<void> {
    const { pid, startTime } = this.data;
    if (pid !== undefined && startTime !== undefined && (await isRunning(pid, startTime))) return;
    clearInterval(this.timer);
    this.ended({ reason: 'has ended (its exit code is unknown: it was taken over)', blameless: false });
  }
}
