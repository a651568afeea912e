import type { Cancel, Clock } from './clock.js';

/** Pause before a step that failed is repeated. */
const REPEAT_MS = 1_000;

/** Runs a step whenever it is woken, never two at a time: waking it during a step leads to exactly one more. */
export class Worker {
  private again = false;
  private stepping = false;
  private closed = false;
  private last: Promise<void> = Promise.resolve();
  private cancelTimer: Cancel = () => undefined;

  /** @param failed told of a step that threw; it is repeated a little later */
  constructor(
    private readonly clock: Clock,
    private readonly step: () => Promise<void>,
    private readonly failed: (error: Error) => void,
  ) {}

  /** Has a step run, soon. */
  wake(): void {
    this.again = true;
    if (!this.stepping) this.last = this.steps();
  }

  /** Has a step run after a time, unless another comes first. */
  wakeIn(delayMs: number): void {
    this.cancelTimer();
    this.cancelTimer = this.clock.after(delayMs, () => this.wake());
  }

  /** Runs no more steps; resolves when the last one is over. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancelTimer();
    await this.last;
  }

  private async steps(): Promise<void> {
    this.stepping = true;
    while (this.again && !this.closed) {
      this.again = false;
      this.cancelTimer();
      try {
        await this.step();
      } catch (error) {
        this.failed(error as Error);
        this.wakeIn(REPEAT_MS);
      }
    }
    this.stepping = false;
  }
}
