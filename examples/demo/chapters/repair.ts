import assert from 'node:assert/strict';
import { inWords, timed } from '../figures.js';
import { alarms, describe, healthOf, instancesOf, parse } from '../webhook-plugin.js';
import type { Deployed } from './deploy.js';
import { DOMAIN_ID, request, type Scene } from './scene.js';

/** The plugin dies; the caller says so, and goes on. */
export async function repair({ stage, report, api }: Scene, before: Deployed): Promise<void> {
  const [row] = await api.listPlugins(DOMAIN_ID);
  const supervisorId = row?.supervisor_id;
  const [victim, ...others] = instancesOf(request.version);
  assert.ok(victim !== undefined && others.length === 0, 'Exactly one process runs the plugin');
  const killedAt = performance.now();
  process.kill(victim.pid, 'SIGKILL');
  report.step('Kill the plugin (SIGKILL)', { note: `process ${victim.pid}` });

  const notified = await timed(() => api.notifyFailure({ ...request, supervisor_id: supervisorId }));
  report.step('Say so: notify_failure', { time: notified.time, note: `to ${String(supervisorId)}` });

  const { value: answer, time } = await timed(() => api.getPluginEndpoint(request));
  const sinceKill = performance.now() - killedAt;
  stage.look();
  const { endpoint = '' } = answer;
  const [successor, ...more] = instancesOf(request.version);
  assert.ok(successor !== undefined && more.length === 0, 'Exactly one process runs the plugin afterwards');
  assert.notEqual(successor.pid, victim.pid, 'The process that runs the plugin');
  assert.equal(await healthOf(endpoint), 'SERVING', `The health of ${endpoint}`);
  report.step('Ask for it: a fresh endpoint', {
    time,
    note: endpoint,
    details: [`${inWords(sinceKill)} after the kill; process ${successor.pid}; it was ${before.endpoint}`],
  });

  const { value: events, time: parsing } = await timed(() => parse(endpoint, alarms.ofOneMetric));
  assert.equal(events[0]?.event_key, before.eventKey, 'The key of the event for the same alarm');
  report.step('Call it there: the same alarm, the same event', { time: parsing, details: events.map(describe) });
}
