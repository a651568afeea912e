import type { Binding, InstalledPlugin } from '../installed-plugin/installed-plugin.js';
import type { Call } from './call-log.js';

/** Where callers are sent. */
export interface Endpoint {
  /** `grpc://host:port` */
  readonly endpoint: string;
  /** The version that it serves. */
  readonly version: string;
  /** Of the instance: another one takes its place with the next. */
  readonly generation: number;
}

/**
 * What is handed out for a binding while nothing changes. All that a warm lookup reads is near to each other here: each
 * look elsewhere costs what the memory takes to answer, among many thousands of bindings.
 */
export interface Offer {
  /** Where there is one alone, which is mostly so. */
  readonly only: Endpoint | undefined;
  /** To be taken in turn: one for each replica. */
  readonly all: readonly Endpoint[];
  /** The supervisor that has to be reachable. */
  readonly supervisorId: string;
  /** To be noted when it is handed out. */
  readonly call: Call;
}

/** Undefined where nothing may be handed out. */
export function offerOf(binding: Binding, plugin: InstalledPlugin, call: Call): Offer | undefined {
  if (unfit(binding, plugin) !== undefined) return undefined;
  const { version, generation } = plugin;
  // Many callers get the same.
  const all = plugin.endpoints.map((endpoint) => Object.freeze({ endpoint, version, generation }));
  return { only: all.length === 1 ? all[0] : undefined, all, supervisorId: binding.supervisorId, call };
}

/** Why the instance may not be handed out, wherever it is; undefined when it may. */
export function unfit({ idle }: Pick<Binding, 'idle'>, plugin: InstalledPlugin): string | undefined {
  if (!isReady(plugin)) {
    const { state, stateReason } = plugin;
    return stateReason === '' ? `is ${state}` : `is ${state}: ${stateReason}`;
  }
  return plugin.retiring || idle ? 'is about to be removed' : undefined;
}

/** Whether the instance serves, as far as its supervisor has said. */
export function isReady({ state, endpoints }: InstalledPlugin): boolean {
  return state === 'ACTIVE' && endpoints.length > 0;
}
