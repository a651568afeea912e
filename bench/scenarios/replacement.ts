import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from '../../test/support/server-process.js';
import { differenceRow } from '../kit/difference-row.js';
import { catalogOf, DirectPlugin, requestOf, timed } from '../kit/direct-start.js';
import type { Scenario } from '../kit/scenario.js';

export const replacement: Scenario = {
  name: 'replacement',
  title: 'notify_failure until another endpoint is answered, and the program from spawn to healthy',
  async run({ pairs, progress }) {
    const env = { BERTH_LOG_LEVEL: 'warn' };
    const server = await ServerProcess.start({ catalog: catalogOf(pairs + 1), env });
    const { call } = server;
    const subject: number[] = [];
    const baseline: number[] = [];
    try {
      for (let at = 0; at <= pairs; at++) {
        const request = requestOf(at);
        const { endpoint: before } = await call.ok('grpc', 'get_plugin_endpoint', request);
        const { results } = await call.ok('grpc', 'list_plugins', {
          domain_id: request.domain_id,
          plugin_id: request.plugin_id,
        });
        const [{ supervisor_id } = {}] = results as { supervisor_id?: string }[];
        subject.push(
          await timed(async () => {
            await call.ok('grpc', 'notify_failure', { ...request, supervisor_id });
            while ((await call.ok('grpc', 'get_plugin_endpoint', request))['endpoint'] === before) await delay(1);
          }),
        );
        let plugin: DirectPlugin | undefined;
        baseline.push(await timed(async () => (plugin = await DirectPlugin.start())));
        await plugin?.stop();
        progress(`Berth ${subject.at(-1)?.toFixed(0)} ms, directly ${baseline.at(-1)?.toFixed(0)} ms`);
      }
    } finally {
      await server.stop();
    }
    const rest = { subject: subject.slice(1), baseline: baseline.slice(1) };
    return [differenceRow({ scenario: this.name, what: 'replacement over spawn to healthy', ...rest, goal: 1_000 })];
  },
};
