import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogService } from '../../catalog/catalog.service.js';
import { BerthError } from '../../common/errors/berth-error.js';
import { untilAborted } from '../../common/until-aborted.js';
import type { Assignment } from '../../generated/berth/link/v1/link.js';
import type { InstalledPlugin } from '../../installed-plugin/installed-plugin.js';
import { toAssignment } from './link.mapper.js';

/** How long a link waits for the catalog, in milliseconds: heartbeats wait behind it. */
const PATIENCE = 500;
/** Pause between two questions to a catalog that could not be asked, in milliseconds. */
const ASK_AGAIN = 3_000;

/** Whose assignments these are. */
export interface AssignmentContext {
  readonly catalog: CatalogService;
  /** Of the agent. */
  readonly driver: string;
  /** Nobody listens any more. */
  readonly ended: () => boolean;
  /** Between two questions; a test has no time for it. */
  readonly pause?: () => Promise<unknown>;
  /** Called when the agent can be told what it was not told before. */
  readonly tellAgain: (id: string) => void;
}

/**
 * What an agent is told of an instance. While the catalog cannot say how to start it, it is not told: what runs goes on
 * without.
 */
export async function assignmentOf(context: AssignmentContext, plugin: InstalledPlugin): Promise<Assignment> {
  const { catalog, driver } = context;
  const asked = catalog
    .launch(plugin.pluginId, plugin.version, plugin.domainId, plugin.privateTo)
    .then((launch) => ({ launch }), unlessAway);
  const answer = await untilAborted(asked, AbortSignal.timeout(PATIENCE));
  if (answer === undefined) void askAgain(context, plugin);
  return toAssignment(plugin, answer?.launch, driver);
}

async function askAgain(context: AssignmentContext, plugin: InstalledPlugin): Promise<void> {
  const { catalog, ended, tellAgain, pause = () => sleep(ASK_AGAIN, undefined, { ref: false }) } = context;
  for (let known; known === undefined;) {
    await pause();
    if (ended()) return;
    // What else is wrong is said where the agent is told.
    known = await catalog.launch(plugin.pluginId, plugin.version, plugin.domainId, plugin.privateTo).then(
      () => true,
      (error) => (isAway(error) ? undefined : true),
    );
  }
  tellAgain(plugin.id);
}

function unlessAway(error: unknown): undefined {
  if (!isAway(error)) throw error;
}

/** It is away, or what it says of the plugin cannot be used: one plugin must not end the link of all. */
const isAway = (error: unknown) => error instanceof BerthError;
