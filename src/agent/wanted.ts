import type { Assignment } from '../generated/berth/link/v1/link.js';
import type { PluginKey } from './drivers/driver.js';

/** An assignment whose fields are all there. */
export interface WantedLaunch extends PluginKey, Pick<Assignment, 'process' | 'container'> {
  /** When it was assigned, in milliseconds since 1970: tells it from assignments that were removed. */
  readonly assigned_at: number;
  readonly generation: number;
  readonly after_incarnation: number;
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
