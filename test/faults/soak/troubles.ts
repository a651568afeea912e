/** Which parts of an installation could pass nothing on, and until when. */
export class Troubles {
  private readonly now = new Map<string, number>();
  private readonly ended = new Map<string, number>();

  async during(part: string, happens: () => Promise<void>): Promise<void> {
    this.now.set(part, (this.now.get(part) ?? 0) + 1);
    try {
      await happens();
    } finally {
      this.now.set(part, (this.now.get(part) ?? 1) - 1);
      this.ended.set(part, performance.now());
    }
  }

  /** Since when all of the parts have been well, in milliseconds of `performance.now()`; Infinity where one is not. */
  wellSince(parts: readonly string[]): number {
    if (parts.some((part) => (this.now.get(part) ?? 0) > 0)) return Infinity;
    return Math.max(0, ...parts.map((part) => this.ended.get(part) ?? 0));
  }
}
