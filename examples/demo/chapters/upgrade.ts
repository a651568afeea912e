import assert from 'node:assert/strict';
import { type ServiceError, status } from '@grpc/grpc-js';
import { PluginEndpointRequest_UpgradeMode as UpgradeMode } from '../../../src/generated/spaceone/api/plugin/v1/plugin.js';
import { timed } from '../figures.js';
import { alarms, describe, parse } from '../webhook-plugin.js';
import { coldStart } from './cold-start.js';
import { request, type Scene } from './scene.js';

const older = { ...request, version: '1.2.1' };

/** Some callers stay with an older version, others move on by themselves. */
export async function upgrade(scene: Scene): Promise<void> {
  const { report, api } = scene;
  const { endpoint: oldEndpoint, time: cold, comparison } = await coldStart(scene, older.version);
  const title = `Ask for ${older.version}, which nobody runs`;
  report.step(title, { time: cold, note: oldEndpoint, details: [comparison] });

  const refusal = await parse(oldEndpoint, alarms.ofSeveral).catch((error: ServiceError) => error);
  assert.ok(refusal instanceof Error, `${older.version} refuses an alarm on several metrics`);
  assert.equal(status[refusal.code], 'INVALID_ARGUMENT', 'The status of that');
  report.step('Call it there: an alarm on several metrics is too new for it', { details: [refusal.details] });

  const auto = { ...older, upgrade_mode: UpgradeMode.AUTO };
  const { value: newest, time } = await timed(() => api.getPluginEndpoint(auto));
  const { endpoint = '' } = newest;
  assert.equal(newest.updated_version, request.version, 'The version that AUTO answers');
  assert.notEqual(endpoint, oldEndpoint, 'The endpoint that AUTO answers');
  report.step(`Ask with upgrade_mode AUTO: ${older.version} becomes ${request.version}`, { time, note: endpoint });

  const { value: events, time: parsing } = await timed(() => parse(endpoint, alarms.ofSeveral));
  assert.equal(events.length, 2, 'How many events the alarm on several metrics becomes');
  report.step('Call it there: the same alarm becomes events', { time: parsing, details: events.map(describe) });

  const { value: again, time: warm } = await timed(() => api.getPluginEndpoint(older));
  assert.equal(again.endpoint, oldEndpoint, `The endpoint of ${older.version}`);
  report.step(`Ask for ${older.version} again: it serves on`, { time: warm, note: again.endpoint });
}
