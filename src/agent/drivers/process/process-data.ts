import { DriverError } from '../driver-error.js';
import type { DriverData, PluginKey, LaunchSpec } from '../driver.js';
import type { MarkedProcess } from '../../proc-table.js';

/** What the process driver remembers of a launch. */
export interface ProcessData {
  readonly port: number;
  readonly log: string;
  /** Where in the log the output of this launch begins. */
  readonly logOffset: number;
  /** Missing until it was started. */
  readonly pid?: number;
  readonly startTime?: string;
  readonly bootId?: string;
}

export function toDriverData(data: ProcessData): DriverData {
  return Object.fromEntries(Object.entries(data).filter((entry) => entry[1] !== undefined)) as DriverData;
}

/** @throws DriverError when it was not written by this driver */
export function fromDriverData(data: DriverData): ProcessData {
  const { port, log, logOffset, pid, startTime, bootId } = data;
  if (typeof port !== 'number' || typeof log !== 'string' || typeof logOffset !== 'number') {
    throw new DriverError(`Not the data of a process: ${JSON.stringify(data)}`, false);
  }
  if (typeof pid !== 'number' || typeof startTime !== 'string') return { port, log, logOffset };
  return { port, log, logOffset, pid, startTime, bootId: typeof bootId === 'string' ? bootId : '' };
}

/** The marks: environment variables that every process of a plugin carries, with all its descendants. */
export const AGENT_MARK = 'BERTH_AGENT_ID';
export const LAUNCH_MARK = 'BERTH_LAUNCH_ID';

export function marksOf(agentId: string, spec: LaunchSpec): Record<string, string> {
  return {
    [AGENT_MARK]: agentId,
    [LAUNCH_MARK]: spec.launch_id,
    BERTH_PLUGIN_ID: spec.plugin_id,
    BERTH_PLUGIN_VERSION: spec.version,
    BERTH_INCARNATION: String(spec.incarnation),
  };
}

/** What the marks of a process tell about its launch. */
export function readMarks({ environment }: MarkedProcess): PluginKey & {
  launch_id: string;
  incarnation: number;
  port: number;
} {
  return {
    launch_id: environment.get(LAUNCH_MARK) ?? '',
    plugin_id: environment.get('BERTH_PLUGIN_ID') ?? '',
    version: environment.get('BERTH_PLUGIN_VERSION') ?? '',
    incarnation: Number(environment.get('BERTH_INCARNATION') ?? 0),
    port: Number(environment.get('PORT') ?? 0),
  };
}
