import { Aggregator } from 'mingo';
import { vi } from 'vitest';

type Doc = Record<string, unknown>;

/**
 * What an update by a pipeline makes of a document, as MongoDB evaluates it.
 *
 * @param now the database's time, in milliseconds since 1970
 */
export function applyUpdate(pipeline: readonly object[], document: Doc, now: number): Doc {
  vi.useFakeTimers({ now, toFake: ['Date'] });
  try {
    return new Aggregator(pipeline as Doc[]).run<Doc>([structuredClone(document)])[0] ?? {};
  } finally {
    vi.useRealTimers();
  }
}
