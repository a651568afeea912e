import { createHash } from 'node:crypto';
import { type LabelSelector, labelText } from '../common/labels.js';
import type { InstalledPluginState } from '../installed-plugin/installed-plugin.js';
import type { Supervisor } from './supervisor.js';

/** What is asked of a supervisor. */
export interface Demand {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
  /** Labels that it must carry, by key and value. */
  readonly selector: LabelSelector;
  /** The domain that alone may use the plugin; empty where every domain may. */
  readonly privateTo?: string;
}

/** What is installed on a supervisor. */
export interface Occupancy {
  /** State of the plugin version that is asked for; undefined where it is not installed. */
  readonly state?: InstalledPluginState | undefined;
  /** The domain that alone may use it; empty where every domain may, undefined where it is not installed. */
  readonly privateTo?: string | undefined;
  /** How many instances there are; undefined where the supervisor has room for any number. */
  readonly instances?: number | undefined;
}

/** A supervisor that was looked at. */
export interface Considered {
  readonly supervisor: Supervisor;
  /** Why another one was taken, or none; undefined for the one that was taken. */
  readonly refused: string | undefined;
}

export interface Choice {
  /** Undefined when none can take the plugin. */
  readonly taken: Supervisor | undefined;
  /** All of them: the one that was taken first, then in the order in which they would be, then those that cannot. */
  readonly considered: readonly Considered[];
}

interface Candidate {
  readonly supervisor: Supervisor;
  readonly occupancy: Occupancy;
  readonly score: number;
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

/** What decides between two that can take the plugin, most important first, and what the loser is told. */
const criteria: readonly {
  readonly value: (candidate: Candidate) => number;
  readonly lost: (loser: Candidate, winner: Candidate) => string;
}[] = [
  { value: ({ supervisor }) => Number(!supervisor.silent), lost: () => 'has not been heard from for a while' },
  {
    value: ({ supervisor }) => supervisor.priority,
    lost: (loser, winner) => `has priority ${loser.supervisor.priority}, and another one ${winner.supervisor.priority}`,
  },
  {
    value: ({ occupancy }) => Number(isRunning(occupancy)),
    lost: () => 'does not run the plugin, and another one does',
  },
  { value: ({ occupancy }) => Number(occupancy.state !== 'ERROR'), lost: () => 'has failed to run the plugin' },
  { value: ({ score }) => score, lost: () => 'comes later in the order of this plugin' },
];

/**
 * Chooses among the supervisors that can take the plugin: the highest priority; among equals one that runs it already;
 * else by rendezvous hashing, weighted by the room that they have left.
 *
 * @param occupancyOf what is installed on a supervisor, by its id
 */
export function chooseSupervisor(
  supervisors: Iterable<Supervisor>,
  demand: Demand,
  occupancyOf: (supervisorId: string) => Occupancy,
): Choice {
  const possible: { supervisor: Supervisor; occupancy: Occupancy }[] = [];
  const refused: Considered[] = [];
  for (const supervisor of supervisors) {
    const occupancy = occupancyOf(supervisor.id);
    const why = refusal(supervisor, demand) ?? taken(occupancy, demand) ?? noRoom(supervisor, occupancy);
    if (why === undefined) possible.push({ supervisor, occupancy });
    else refused.push({ supervisor, refused: why });
  }
  const widest = Math.max(1, ...possible.map(({ supervisor, occupancy }) => roomOf(supervisor, occupancy) ?? 1));
  const ranked = possible
    .map((candidate): Candidate => ({ ...candidate, score: scoreOf(candidate, demand, widest) }))
    .sort(byRank);
  const [winner] = ranked;
  const considered = ranked.map((candidate) => ({
    supervisor: candidate.supervisor,
    refused: winner && defeat(candidate, winner),
  }));
  return { taken: winner?.supervisor, considered: [...considered, ...refused] };
}

/** Why an instance of the same plugin and version is none that can be handed out. */
export const IS_ANOTHER_DOMAINS = 'is of a plugin of the same name, which is private to a domain';

/** A supervisor tells instances apart by plugin and version: it can run one plugin of a name. */
function taken(occupancy: Occupancy, { privateTo = '' }: Demand): string | undefined {
  if (occupancy.privateTo === undefined || occupancy.privateTo === privateTo) return undefined;
  return `runs what ${IS_ANOTHER_DOMAINS}`;
}

function isRunning({ state }: Occupancy): boolean {
  return state !== undefined && state !== 'ERROR';
}

/** How many more it has room for; undefined where there is no limit. */
function roomOf({ capacity }: Supervisor, { instances }: Occupancy): number | undefined {
  return capacity === 0 ? undefined : capacity - (instances ?? 0);
}

function noRoom(supervisor: Supervisor, occupancy: Occupancy): string | undefined {
  // What is installed already needs no more room.
  if (occupancy.state !== undefined || (roomOf(supervisor, occupancy) ?? 1) > 0) return undefined;
  return `has no room: ${occupancy.instances} of ${supervisor.capacity} are taken`;
}

/**
 * Weighted rendezvous hashing: the same plugin prefers the same supervisor, different plugins spread by weight, and who
 * comes or goes moves nobody between the others.
 */
function scoreOf({ supervisor, occupancy }: Omit<Candidate, 'score'>, demand: Demand, widest: number): number {
  const weight = Math.max(1, roomOf(supervisor, occupancy) ?? widest);
  const digest = createHash('sha1').update(`${supervisor.id}\0${demand.pluginId}\0${demand.version}`).digest();
  const uniform = (digest.readUIntBE(0, 6) + 1) / (2 ** 48 + 1);
  return -weight / Math.log(uniform);
}

function byRank(a: Candidate, b: Candidate): number {
  for (const { value } of criteria) {
    const difference = value(b) - value(a);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Undefined for the winner itself. */
function defeat(loser: Candidate, winner: Candidate): string | undefined {
  return criteria.find(({ value }) => value(loser) < value(winner))?.lost(loser, winner);
}
