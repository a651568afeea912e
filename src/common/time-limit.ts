/**
 * A signal that is aborted with another one, or when the time is over. Its timer keeps it alive: in Node.js 20 what
 * `AbortSignal.any` makes of `AbortSignal.timeout` may be collected as garbage, and is never aborted then.
 */
export class TimeLimit implements Disposable {
  /** Whether the time was over before the other signal was aborted. */
  over = false;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly abort = () => this.controller.abort(this.parent?.reason);

  /** @param time in milliseconds */
  constructor(
    time: number,
    private readonly parent?: AbortSignal,
  ) {
    this.timer = setTimeout(
      () => {
        this.over = !this.signal.aborted;
        this.controller.abort();
      },
      Math.max(0, time),
    );
    if (parent?.aborted) this.abort();
    else parent?.addEventListener('abort', this.abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.parent?.removeEventListener('abort', this.abort);
  }
}
