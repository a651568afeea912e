import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventInfo, EventService } from '../../src/generated/spaceone/api/monitoring/plugin/event.js';
import { connected } from './connection.js';
import { descendants, type Process } from './processes.js';
import { projectRoot } from './project.js';

export const PLUGIN_ID = 'plugin-aws-sns-mon-webhook';

/** What runs the plugin, relative to the project: the command of its catalog entry. */
export const PROGRAM = `dist/examples/plugins/${PLUGIN_ID}/main.js`;

const sample = (name: string) =>
  JSON.parse(readFileSync(join(projectRoot, 'examples/plugins', PLUGIN_ID, name), 'utf8')) as Record<string, unknown>;

/** What SNS posts to a webhook: an alarm on one metric, and one that computes with several. */
export const alarms = { ofOneMetric: sample('sample-alarm.json'), ofSeveral: sample('sample-metric-math-alarm.json') };

/** Has the plugin at the endpoint turn an alarm into events. @throws ServiceError */
export async function parse(endpoint: string, data: Record<string, unknown>): Promise<EventInfo[]> {
  const { results = [] } = await connected(endpoint, (plugin) =>
    plugin.call(EventService.parse, { options: {}, data }),
  );
  return results;
}

export const healthOf = (endpoint: string): Promise<unknown> => connected(endpoint, (plugin) => plugin.health());

/** The processes that run a version of the plugin. */
export function instancesOf(version: string): Process[] {
  return descendants().filter(({ command }) => command.endsWith(`${PROGRAM} ${version}`));
}

/** An event in few words. */
export function describe({ event_type: type, severity, title, resource }: EventInfo): string {
  return `${type} (${severity}) ${title}: ${String(resource?.['name'])}`;
}
