import assert from 'node:assert/strict';
import { timed } from '../figures.js';
import { alarms, describe, healthOf, parse, PLUGIN_ID } from '../webhook-plugin.js';
import { coldStart } from './cold-start.js';
import { request, type Scene } from './scene.js';

/** What the first chapter leaves behind. */
export interface Deployed {
  readonly endpoint: string;
  /** Of the event that the sample alarm becomes. */
  readonly eventKey: string | undefined;
}

/** Somebody asks for a plugin that nobody runs, and uses it. */
export async function deploy(scene: Scene): Promise<Deployed> {
  const { report } = scene;
  const { endpoint, time, comparison } = await coldStart(scene, request.version);
  assert.equal(await healthOf(endpoint), 'SERVING', `The health of ${endpoint}`);
  const title = `Ask for ${PLUGIN_ID} ${request.version}, which nobody runs`;
  report.step(title, { time, note: endpoint, details: [comparison] });

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
