import cluster from 'node:cluster';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { packageRoot } from '../../config/package-root.js';
import type { ServerAddresses, Serving } from '../start-server.js';
import type { WorkerStart } from './messages.js';
import { Worker } from './worker.js';

/** Waits before a worker is started in the place of a dead one, in milliseconds: each twice as long as the last. */
const RESTART_DELAY = { first: 250, longest: 30_000 };
/** A worker that lived so long, in milliseconds, did not die of how it starts. */
const SETTLED = 30_000;

/** Several API processes on the same ports. */
export class WorkerPool implements Serving {
  private readonly logger = new Logger(WorkerPool.name);
  private readonly workers = new Set<Worker>();
  private announced = false;
  private stopping = false;
  private restartDelay = RESTART_DELAY.first;
  private reloading: Promise<void> | undefined;

  private constructor(
    private readonly start: WorkerStart,
    readonly addresses: ServerAddresses,
  ) {}

  /**
   * Resolves when all listen.
   *
   * @throws Error with the reason why one does not
   */
  static async start(size: number, start: WorkerStart): Promise<WorkerPool> {
    cluster.setupPrimary({ exec: join(packageRoot, 'dist/programs/worker.cjs') });
    // The first shows whether the ports can be had.
    const first = await Worker.start(start);
    const pool = new WorkerPool(start, first.addresses);
    const others = await Promise.all(Array.from({ length: size - 1 }, () => Worker.start(start)));
    for (const worker of [first, ...others]) pool.add(worker);
    return pool;
  }

  announce(): void {
    this.announced = true;
    for (const worker of this.workers) worker.announce();
  }

  /** Puts a new worker in the place of each, one after another, and lets the calls of the old ones end. */
  reload(): Promise<void> {
    this.reloading ??= this.replaceAll().finally(() => (this.reloading = undefined));
    return this.reloading;
  }

  async drain(): Promise<void> {
    this.stopping = true;
    await this.reloading;
    await Promise.all([...this.workers].map((worker) => worker.drain()));
  }

  async close(): Promise<void> {
    this.stopping = true;
    await this.reloading;
    await Promise.all([...this.workers].map((worker) => worker.close()));
  }

  private async replaceAll(): Promise<void> {
    for (const old of [...this.workers]) {
      if (this.stopping) return;
      // One that died meanwhile has its successor already.
      if (!this.workers.has(old)) continue;
      try {
        this.add(await Worker.start(this.start));
      } catch (error) {
        this.logger.error({ msg: 'A new worker does not start: the old ones go on.', reason: String(error) });
        return;
      }
      await old.close();
    }
    this.logger.log({ msg: 'All workers were replaced.', pids: [...this.workers].map(({ pid }) => pid) });
  }

  private add(worker: Worker): void {
    this.workers.add(worker);
    if (this.announced) worker.announce();
    worker.onExit(() => {
      this.workers.delete(worker);
      if (worker.leaving || this.stopping) return;
      const lived = Date.now() - worker.startedAt;
      if (lived >= SETTLED) this.restartDelay = RESTART_DELAY.first;
      this.logger.error({ msg: 'A worker died: another takes its place.', pid: worker.pid, lived_ms: lived });
      this.restart();
    });
  }

  private restart(): void {
    const delay = this.restartDelay;
    this.restartDelay = Math.min(2 * delay, RESTART_DELAY.longest);
    setTimeout(() => {
      if (this.stopping) return;
      Worker.start(this.start).then(
        (worker) => {
          // Nobody waits for one that came too late.
          if (this.stopping) return void worker.close();
          this.add(worker);
          this.logger.log({ msg: 'A worker has taken the place of one that died.', pid: worker.pid });
        },
        (error: unknown) => {
          this.logger.error({ msg: 'A worker does not start: it is tried again.', reason: String(error) });
          this.restart();
        },
      );
    }, delay).unref();
  }
}
