import type { Assignment } from '../generated/berth/link/v1/link.js';
import type { PluginKey } from './drivers/driver.js';

/** Which of an instance's assignments one is: newer ones have a later time, or the same time and a higher generation. */
export interface Assigned {
  /** When it was assigned, in milliseconds since 1970: tells it from assignments that were removed. */
  readonly assigned_at: number;
  readonly generation: number;
  /** Only a launch with a higher incarnation is the one that is wanted. */
  readonly after_incarnation: number;
}

export const UNASSIGNED: Assigned = { assigned_at: 0, generation: 0, after_incarnation: 0 };

/**
 * What holds when an assignment arrives where another one is known.
 *
 * @param incarnation the highest that was given out
 * @returns undefined where it is older than the one known
 */
export function newerOf(known: Assigned, { assigned_at, generation, ...arrived }: Assigned, incarnation: number) {
  const same = assigned_at === known.assigned_at;
  if (assigned_at < known.assigned_at || (same && generation < known.generation)) return undefined;
  // What ran for an assignment that was removed was to be stopped, also where nobody had said so yet.
  const gone = same || known.assigned_at === 0 ? 0 : incarnation;
  const after_incarnation = Math.max(arrived.after_incarnation, known.after_incarnation, gone);
  return { assigned_at, generation, after_incarnation };
}

/** An assignment whose fields are all there. */
export interface WantedLaunch extends PluginKey, Assigned, Pick<Assignment, 'process' | 'container'> {
  readonly resource_type: string;
  readonly domain_id: string;
}

/** What shall become of an instance. */
export type Wanted =
  /** Nobody has told since the agent started: what runs stays, what does not waits. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'run'; readonly launch: WantedLaunch }
  /** `forget`: it is no longer assigned, as opposed to the agent going away. */
  | { readonly kind: 'stop'; readonly reason: string; readonly forget: boolean };

/** @returns undefined where the message names no plugin or version */
export function wantedOf(assignment: Assignment): WantedLaunch | undefined {
  const { plugin_id, version, generation, after_incarnation, resource_type, domain_id } = assignment;
  const { assigned_at, process, container } = assignment;
  if (!plugin_id || !version) return undefined;
  return {
    plugin_id,
    version,
    assigned_at: assigned_at ?? 0,
    generation: generation ?? 0,
    after_incarnation: after_incarnation ?? 0,
    resource_type: resource_type ?? '',
    domain_id: domain_id ?? '',
    process,
    container,
  };
}

/** Whether the server has said how it is started; it does not while it cannot ask its catalog. */
export function isComplete({ process, container }: WantedLaunch): boolean {
  return process !== undefined || container !== undefined;
}
