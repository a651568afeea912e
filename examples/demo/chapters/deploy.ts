import assert from 'node:assert/strict';
import { inWords, median, timed } from '../figures.js';
import { ownStart } from '../own-start.js';
import { alarms, describe, healthOf, instancesOf, parse, PLUGIN_ID, PROGRAM } from '../webhook-plugin.js';
import { request, type Scene } from './scene.js';

/** What Berth may add to a plugin's own start, in milliseconds. */
const COLD_START_GOAL = 150;

const OWN_STARTS = 3;

/** What the first chapter leaves behind. */
export interface Deployed {
  readonly endpoint: string;
  /** Of the event that the sample alarm becomes. */
  readonly eventKey: string | undefined;
}

/** Somebody asks for a plugin that nobody runs, and uses it. */
export async function deploy({ stage, report, api }: Scene): Promise<Deployed> {
  const alone: number[] = [];
  while (alone.length < OWN_STARTS) alone.push(await ownStart(PROGRAM, request.version));
  const own = median(alone);
  report.step('Start the plugin alone, from its spawn to healthy, to compare', {
    time: own,
    note: `median of ${OWN_STARTS}`,
  });

  assert.deepEqual(instancesOf(request.version), [], 'Processes of the plugin before anybody asked');
  const { value: answer, time } = await timed(() => api.getPluginEndpoint(request));
  stage.look();
  const { endpoint = '' } = answer;
  assert.match(endpoint, /^grpc:\/\/\S+:\d+$/, 'The endpoint');
  assert.equal(answer.updated_version, request.version, 'The version that the endpoint serves');
  assert.equal(await healthOf(endpoint), 'SERVING', `The health of ${endpoint}`);
  assert.equal(instancesOf(request.version).length, 1, 'How many processes run the plugin');
  report.step(`Ask for ${PLUGIN_ID} ${request.version}, which nobody runs`, {
    time,
    note: endpoint,
    details: [report.goal(`Its own start ${inWords(own)}, and Berth added`, Math.max(0, time - own), COLD_START_GOAL)],
  });

  const { value: events, time: parsing } = await timed(() => parse(endpoint, alarms.ofOneMetric));
  const [event] = events;
  assert.equal(events.length, 1, 'How many events the alarm becomes');
  assert.equal(event?.event_type, 'ALERT', 'The type of the event');
  report.step('Call it there: a CloudWatch alarm becomes an event', {
    time: parsing,
    details: events.map(describe),
  });
  return { endpoint, eventKey: event.event_key };
}
