import { createHash } from 'node:crypto';
import { type LabelSelector, labelText } from '../common/labels.js';
import type { Supervisor } from './supervisor.js';

/** What is asked of a supervisor. */
export interface Demand {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
  /** Labels that it must carry, by key and value. */
  readonly selector: LabelSelector;
}

/** Why a supervisor cannot be chosen; undefined when it can. */
export function refusal(supervisor: Supervisor, { domainId, selector }: Demand): string | undefined {
  if (supervisor.domainId !== domainId && !supervisor.isPublic) return 'belongs to another domain';
  if (supervisor.state !== 'ENABLED') return `is ${supervisor.state}`;
  for (const [key, value] of Object.entries(selector)) {
    if (!Object.hasOwn(supervisor.labels, key) || labelText(supervisor.labels[key]) !== value) {
      return `lacks the label ${key}=${value}`;
    }
  }
  return undefined;
}

/** Rendezvous hashing: the same plugin prefers the same supervisor, and different plugins spread evenly. */
function preference(supervisor: Supervisor, { pluginId, version }: Demand): string {
  return createHash('sha1').update(`${supervisor.id}\0${pluginId}\0${version}`).digest('hex');
}

/**
 * Chooses among the supervisors that can take the plugin: the highest priority; among equals one that runs it already;
 * else by rendezvous hashing.
 *
 * @param running ids of the supervisors that already have the plugin version
 */
export function chooseSupervisor(
  supervisors: Iterable<Supervisor>,
  demand: Demand,
  running: ReadonlySet<string>,
): Supervisor | undefined {
  const rank = (a: Supervisor, b: Supervisor): number =>
    b.priority - a.priority ||
    Number(running.has(b.id)) - Number(running.has(a.id)) ||
    (preference(a, demand) < preference(b, demand) ? -1 : 1);
  return [...supervisors].filter((supervisor) => refusal(supervisor, demand) === undefined).sort(rank)[0];
}
