import { setTimeout as delay } from 'node:timers/promises';

/**
 * Tries again until it does not throw; throws what the last try threw when the time, in milliseconds, is over: by default
 * after so long that only what never comes is missed, on a busy machine as well.
 */
export async function eventually<T>(attempt: () => T | Promise<T>, time = 60_000): Promise<T> {
  const end = Date.now() + time;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(25);
    }
  }
}
