/** Takes back what was planned; harmless afterwards. */
export type Cancel = () => void;

/** Time as the agent sees it: given from outside, so that a test decides how late it is. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `action` once, `delayMs` from now, unless it is cancelled before. */
  after(delayMs: number, action: () => void): Cancel;
}

/** What `setTimeout` can hold; a longer wait is cut into pieces by whoever waits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  // Counts on evenly when somebody sets the time of the day: a start must not time out because of that.
  now: () => Math.round(performance.timeOrigin + performance.now()),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/**
 * Waits.
 *
 * @returns true when the time has passed, false when the signal cut it short
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false);
    const aborted = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', aborted);
      resolve(true);
    });
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
