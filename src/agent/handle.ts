import type { DriverData, PluginKey } from './drivers/driver.js';
import type { Launch } from './launch.js';
import type { RestartState } from './restart-policy.js';

/** Grows when the file changes in a way that an older agent would misread. */
export const HANDLE_FORMAT = 1;

/** One start, as it is kept on disk. */
export interface LaunchRecord {
  readonly launch_id: string;
  readonly incarnation: number;
  readonly domain_id: string;
  readonly resource_type: string;
  /** The driver whose data this is. */
  readonly driver: string;
  readonly data: DriverData;
  /** Milliseconds since 1970. Without it the agent ended before it could tell whether the start took place. */
  readonly started_at?: number;
  readonly ready_at?: number;
}

/** All that the agent knows of one plugin and version beyond its own life. */
export interface Handle extends PluginKey {
  readonly format: typeof HANDLE_FORMAT;
  /** The highest incarnation given out: kept also when nothing runs, so that none is given twice. */
  readonly incarnation: number;
  /** The newest generation known, and the incarnation it wants surpassed; 0 when it is not assigned. */
  readonly generation: number;
  readonly after_incarnation: number;
  /** When it was assigned, in milliseconds since 1970. Missing where an older agent has written it. */
  readonly assigned_at?: number;
  readonly restart: RestartState;
  readonly launches: readonly LaunchRecord[];
}

/** What is to be kept of a launch; nothing of one that has ended. */
export function recordOf({ spec, progress, state, death }: Launch, driver: string): LaunchRecord[] {
  // The dead have been counted: what may be left of them is found by its mark.
  if (!progress || death || state === 'stopped') return [];
  const { launch_id, incarnation, domain_id, resource_type } = spec;
  const { data, startedAt, readyAt } = progress;
  return [{ launch_id, incarnation, domain_id, resource_type, driver, data, started_at: startedAt, ready_at: readyAt }];
}

/** @throws Error naming what is wrong with it */
export function parseHandle(text: string): Handle {
  const value: unknown = JSON.parse(text);
  const handle = record(value, 'the handle');
  if (handle['format'] !== HANDLE_FORMAT) throw new Error(`format is ${JSON.stringify(handle['format'])}, not 1`);
  for (const name of ['plugin_id', 'version']) expectType(handle, name, 'string');
  for (const name of ['incarnation', 'generation', 'after_incarnation']) expectType(handle, name, 'number');
  if (handle['assigned_at'] !== undefined) expectType(handle, 'assigned_at', 'number');
  const restart = record(handle['restart'], 'restart');
  if (!Array.isArray(restart['failures'])) throw new Error('restart.failures is not a list');
  for (const name of ['immediate', 'failed']) expectType(restart, name, 'boolean');
  expectType(restart, 'nextStartAt', 'number');
  if (!Array.isArray(handle['launches'])) throw new Error('launches is not a list');
  for (const entry of handle['launches'] as unknown[]) {
    const launch = record(entry, 'a launch');
    for (const name of ['launch_id', 'domain_id', 'resource_type', 'driver']) expectType(launch, name, 'string');
    expectType(launch, 'incarnation', 'number');
    record(launch['data'], 'data');
  }
  return value as Handle;
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is not an object`);
  return value as Record<string, unknown>;
}

function expectType(value: Record<string, unknown>, name: string, type: 'string' | 'number' | 'boolean'): void {
  if (typeof value[name] !== type) throw new Error(`${name} is not a ${type}`);
}
