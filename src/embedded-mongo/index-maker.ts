import type { Index } from './index-keys.js';
import type { Store } from './store.js';

/** For so long, in milliseconds, at a time: other commands do not wait for longer. */
const SLICE_MS = 5;
/** Between two times where nobody waits for an index. */
const PAUSE_MS = 20;
/** Documents between two looks at the clock. */
const AT_A_TIME = 50;

/** Completes the indexes of a start beside the commands: those first that a command waits for. */
export class IndexMaker {
  private readonly waiting = new Map<Index, (() => void)[]>();
  private cancel: (() => void) | undefined;

  constructor(private readonly store: Store) {}

  /** Calls back when the index is complete, or is none any more. */
  want(index: Index, done: () => void): void {
    const others = this.waiting.get(index);
    if (others) others.push(done);
    else this.waiting.set(index, [done]);
    this.schedule();
  }

  /** Goes on with those that nobody has asked for, where there are any. */
  tend(): void {
    if (this.cancel === undefined && this.next() !== undefined) this.schedule();
  }

  /** Leaves them as they are. */
  stop(): void {
    this.cancel?.();
  }

  private schedule(): void {
    this.cancel?.();
    if (this.waiting.size > 0) {
      const soon = setImmediate(() => this.make());
      this.cancel = () => clearImmediate(soon);
    } else {
      const later = setTimeout(() => this.make(), PAUSE_MS).unref();
      this.cancel = () => clearTimeout(later);
    }
  }

  private make(): void {
    this.cancel = undefined;
    const end = performance.now() + SLICE_MS;
    for (let index = this.next(); index !== undefined; index = this.next()) {
      while (!index.complete) {
        if (performance.now() >= end) return this.schedule();
        index.make(AT_A_TIME);
      }
      this.settle(index);
    }
  }

  private settle(index: Index): void {
    const done = this.waiting.get(index) ?? [];
    this.waiting.delete(index);
    for (const tell of done) tell();
  }

  private next(): Index | undefined {
    for (const index of [...this.waiting.keys()]) {
      if (this.belongs(index)) return index;
      // What is changed from then on need not fit into it. Whoever waits for it looks for another way.
      this.settle(index);
    }
    for (const { indexes } of this.store.collections.values()) {
      const index = indexes.find(({ complete }) => !complete);
      if (index !== undefined) return index;
    }
    return undefined;
  }

  /** Whether it has not been dropped meanwhile. */
  private belongs(index: Index): boolean {
    return [...this.store.collections.values()].some(({ indexes }) => indexes.includes(index));
  }
}
