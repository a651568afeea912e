/**
 * Whether this process may say that leases have run out. They can only be renewed while servers and the database are
 * there: a lease that ran out while they were not says nothing about its supervisor. So it takes a whole lease of looking
 * at them without a longer pause.
 */
export class LeaseWatch {
  private since = -Infinity;
  private last = -Infinity;

  /**
   * @param lease how long a lease lasts, in milliseconds
   * @param longestPause between two looks, in milliseconds; a longer one begins anew
   */
  constructor(
    private readonly lease: number,
    private readonly longestPause: number,
    private readonly now: () => number,
  ) {}

  /** The database has answered. */
  looked(): void {
    const now = this.now();
    if (now - this.last > this.longestPause) this.since = now;
    this.last = now;
  }

  get trusted(): boolean {
    return this.last - this.since >= this.lease;
  }
}
