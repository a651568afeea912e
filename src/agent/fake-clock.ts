import type { Cancel, Clock } from './clock.js';

/** A clock for tests: stands still until it is told to go on. */
export class FakeClock implements Clock {
  private time: number;
  private readonly timers = new Set<{ at: number; action: () => void }>();

  constructor(start = 1_000_000) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  after(delayMs: number, action: () => void): Cancel {
    const timer = { at: this.time + Math.max(0, delayMs), action };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Goes on by `ms`, calling what falls due in its order, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (let due = this.next(end); due; due = this.next(end)) {
      this.timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.action();
      await settle();
    }
    this.time = end;
  }

  private next(end: number): { at: number; action: () => void } | undefined {
    return [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything that needs no time run to its next wait. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
