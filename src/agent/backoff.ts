/** Waits that double up to a limit, each cut by up to half at random, so that many agents do not return together. */
export class Backoff {
  private next: number;

  constructor(
    private readonly minMs: number,
    private readonly maxMs: number,
    private readonly random: () => number,
  ) {
    this.next = minMs;
  }

  /** The wait before the next try, in milliseconds: never less than the shortest. */
  delay(): number {
    const delay = Math.max(this.minMs, this.next * (1 - this.random() / 2));
    this.next = Math.min(this.maxMs, this.next * 2);
    return Math.round(delay);
  }

  /** It worked: the next wait is the shortest again. */
  reset(): void {
    this.next = this.minMs;
  }
}
