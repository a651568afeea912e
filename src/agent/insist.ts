import type { Clock } from './clock.js';
import type { Log } from './log.js';

const PAUSE_MS = 1_000;

/** Repeats what must succeed before anything else can be decided. @param doing for the log, when it has failed */
export async function insist<T>(clock: Clock, log: Log, doing: string, action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      log.error(`${doing}: failed, will be repeated`, (error as Error).message);
      await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
    }
  }
}
