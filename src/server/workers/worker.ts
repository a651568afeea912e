import cluster, { type Worker as Process } from 'node:cluster';
import { once } from 'node:events';
import { TimeLimit } from '../../common/time-limit.js';
import { untilAborted } from '../../common/until-aborted.js';
import type { ServerAddresses } from '../start-server.js';
import { closeLostConnections } from './lost-connections.js';
import type { News, Order, WorkerStart } from './messages.js';

/** How long a worker may take to let its calls end before it is ended, in milliseconds. */
const STOP_TIME = 25_000;

/** One API process, as its pool sees it. */
export class Worker {
  readonly startedAt = Date.now();
  /** Whether it was told to end. */
  leaving = false;

  private constructor(
    private readonly process: Process,
    readonly addresses: ServerAddresses,
  ) {}

  /**
   * Resolves when it listens.
   *
   * @throws Error with the reason why it does not
   */
  static async start(start: WorkerStart): Promise<Worker> {
    const process = cluster.fork();
    closeLostConnections(process);
    const addresses = await new Promise<ServerAddresses>((resolve, reject) => {
      process.on('message', (news: News) => {
        if (news.news === 'attentive') process.send({ order: 'start', start } satisfies Order, () => undefined);
        if (news.news === 'listening') resolve(news.addresses);
        if (news.news === 'failed') reject(new Error(news.reason));
      });
      // Also of orders and connections that it is handed while it dies; unheard, they would end the pool.
      process.on('error', reject);
      process.once('exit', (code, signal) => reject(new Error(`a worker ended (${code ?? signal})`)));
    });
    return new Worker(process, addresses);
  }

  get pid(): number | undefined {
    return this.process.process.pid;
  }

  onExit(listener: () => void): void {
    if (this.process.isDead()) listener();
    else this.process.once('exit', listener);
  }

  announce(): void {
    this.order({ order: 'announce' });
  }

  /** Resolves when those who wait for a deployment have their answers, or the worker has ended. */
  async drain(): Promise<void> {
    this.leaving = true;
    if (!this.order({ order: 'drain' })) return;
    await new Promise<void>((resolve) => {
      this.onExit(resolve);
      this.process.on('message', (news: News) => news.news === 'drained' && resolve());
    });
  }

  /** Resolves when it has ended: by itself, or by force when that takes too long. */
  async close(): Promise<void> {
    this.leaving = true;
    if (this.process.isDead()) return;
    const ended = once(this.process, 'exit');
    this.order({ order: 'close' });
    using limit = new TimeLimit(STOP_TIME);
    await untilAborted(ended, limit.signal);
    if (this.process.isDead()) return;
    this.process.process.kill('SIGKILL');
    await ended;
  }

  /** Whether it could be told. */
  private order(order: Order): boolean {
    if (!this.process.isConnected()) return false;
    // One that dies just now takes no order, and needs none.
    this.process.send(order, () => undefined);
    return true;
  }
}
