import assert from 'node:assert/strict';
import { inWords, median, timed } from '../figures.js';
import { ownStart } from '../own-start.js';
import { instancesOf, PROGRAM } from '../webhook-plugin.js';
import { request, type Scene } from './scene.js';

const OWN_STARTS = 3;

/** Asks for a version that nobody runs. @returns its endpoint, and what that took */
export async function coldStart({ stage, api }: Scene, version: string) {
  const alone: number[] = [];
  while (alone.length < OWN_STARTS) alone.push(await ownStart(PROGRAM, version));
  const own = median(alone);

  assert.deepEqual(instancesOf(version), [], `Processes of ${version} before anybody asked`);
  const { value: answer, time } = await timed(() => api.getPluginEndpoint({ ...request, version }));
  stage.look();
  const { endpoint = '', updated_version: served } = answer;
  assert.match(endpoint, /^grpc:\/\/\S+:\d+$/, 'The endpoint');
  assert.equal(served, version, 'The version that the endpoint serves');
  assert.equal(instancesOf(version).length, 1, `How many processes run ${version}`);
  const alones = `Alone, from spawn to healthy, it takes ${inWords(own)} (median of ${OWN_STARTS})`;
  const added = time > own ? `Berth added ${inWords(time - own)}` : 'Berth added nothing that could be measured';
  return { endpoint, time, comparison: `${alones}. ${added}.` };
}
