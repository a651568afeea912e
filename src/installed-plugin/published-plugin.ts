import type { Session } from './session.js';

/** What a supervisor without a link publishes of one plugin version. It knows no generations. */
export interface PublishedPlugin {
  readonly pluginId: string;
  readonly version: string;
  /**
   * - `SERVING` its endpoints may be handed out
   * - `STARTING` not yet, or not any more
   * - `FAILED` it does not run
   */
  readonly phase: 'SERVING' | 'STARTING' | 'FAILED';
  /** `grpc://host:port`, one per replica. */
  readonly endpoints: readonly string[];
  /** Why it is STARTING, where the supervisor itself says that it runs. */
  readonly reason?: string;
}

/** One publish: all that a supervisor runs. */
export interface PublishSession extends Session {
  /** Counts the supervisor's publishes: what an earlier one says does not undo what a later one has said. */
  readonly number: number;
}

/**
 * One statement for each plugin version. While a supervisor replaces an instance it publishes both, the old and the new
 * one: all that serve count, and where none does, what is still hoped for.
 */
export function mergePublished(plugins: readonly PublishedPlugin[]): PublishedPlugin[] {
  const merged = new Map<string, PublishedPlugin>();
  for (const plugin of plugins) {
    const key = JSON.stringify([plugin.pluginId, plugin.version]);
    const before = merged.get(key);
    merged.set(key, before === undefined ? plugin : merge(before, plugin));
  }
  return [...merged.values()];
}

const rank = { SERVING: 2, STARTING: 1, FAILED: 0 } as const;

function merge(one: PublishedPlugin, other: PublishedPlugin): PublishedPlugin {
  if (one.phase !== other.phase) return rank[one.phase] > rank[other.phase] ? one : other;
  return { ...one, endpoints: [...new Set([...one.endpoints, ...other.endpoints])] };
}
