import { setTimeout as delay } from 'node:timers/promises';

/** Tries again until it does not throw; throws what the last try threw when the time, in milliseconds, is over. */
export async function eventually<T>(attempt: () => T | Promise<T>, time = 15_000): Promise<T> {
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
