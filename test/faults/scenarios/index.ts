import type { Scenario } from '../kit/scenario.js';
import { anyInput, foreignIds } from './callers.js';
import { databaseFrozen, databaseKilled, repliesLost, serverRestarted } from './database.js';
import { manyReports, pluginFrozen, pluginKilled } from './dead-instance.js';
import { agentCutOff, agentKilled, healedCut, mostVanish, oneWayCut, sleptPastLease } from './lost-supervisor.js';
import { oneStart, sameError } from './one-deployment.js';
import { reportsSurvive } from './reports-survive.js';
import { crashLoop, deadlines, drained, drainedWithAgent, noOrphans } from './processes.js';

/** Every scenario, in the order of the promises. */
export const scenarios: readonly Scenario[] = [
  oneStart,
  sameError,
  reportsSurvive,
  manyReports,
  repliesLost,
  foreignIds,
  pluginKilled,
  pluginFrozen,
  agentKilled,
  agentCutOff,
  healedCut,
  oneWayCut,
  sleptPastLease,
  mostVanish,
  serverRestarted,
  databaseKilled,
  databaseFrozen,
  crashLoop,
  deadlines,
  noOrphans,
  anyInput,
  drained,
  drainedWithAgent,
];
