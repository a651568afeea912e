import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from './engine-error.js';

const FIRST_MS = 50;
const LONGEST_MS = 1_000;

/**
 * Repeats what an engine that is away has not answered, until it does: somebody has stopped it, or it is being restarted,
 * and no plugin is to blame for that.
 *
 * @param action must be the same when it is done twice
 * @throws whatever else the action throws; the signal's reason when it aborts
 */
export async function patiently<T>(
  action: () => Promise<T>,
  signal: AbortSignal,
  progress: (reason: string) => void,
): Promise<T> {
  for (let pause = FIRST_MS; ; pause = Math.min(LONGEST_MS, pause * 2)) {
    try {
      return await action();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof EngineError && error.unreachable)) throw error;
      progress(error.message);
      await sleep(pause, undefined, { signal });
    }
  }
}
