import assert from 'node:assert/strict';
import type { PluginInfo } from '../../../src/generated/spaceone/api/plugin/v1/supervisor.js';
import { timed } from '../figures.js';
import { DOMAIN_ID, type Scene } from './scene.js';

/** What is installed now; and then nothing is. */
export async function end({ stage, report, api }: Scene): Promise<void> {
  const { value: plugins, time: listing } = await timed(() => api.listPlugins(DOMAIN_ID));
  const seen = plugins.map(({ version, state }) => `${version} ${state}`).sort();
  assert.deepEqual(seen, ['1.2.1 ACTIVE', '1.2.2 ACTIVE'], 'The plugins that are installed');
  report.step('List what is installed', { time: listing, details: plugins.map(describe) });

  stage.look();
  api.close();
  const { value: exitCode, time } = await timed(() => stage.berth.stop());
  assert.equal(exitCode, 0, 'The exit code of the server');
  assert.deepEqual(stage.left(), [], 'Processes that are left');
  report.step('Stop Berth (SIGTERM), and its plugins with it', {
    time,
    note: `exit code 0; none of ${stage.numberSeen} processes is left`,
  });
}

function describe({ plugin_id: id, version, state, endpoint, supervisor_name: name }: PluginInfo): string {
  return `${id} ${version}  ${state}  ${endpoint}  on ${name}`;
}
