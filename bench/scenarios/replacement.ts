import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from '../../test/support/server-process.js';
import { differenceRow } from '../kit/difference-row.js';
import { besideDirectStarts, catalogOf, requestOf, timed } from '../kit/direct-start.js';
import type { Scenario } from '../kit/scenario.js';

export const replacement: Scenario = {
  name: 'replacement',
  title: 'notify_failure until another endpoint is answered, and the program from spawn to healthy',
  async run(settings) {
    const env = { BERTH_LOG_LEVEL: 'warn' };
    const server = await ServerProcess.start({ catalog: catalogOf(settings.pairs + 1), env });
    try {
      const times = await besideDirectStarts(settings, (at) => replaced(server, at));
      return [differenceRow({ scenario: this.name, what: 'replacement over spawn to healthy', ...times, goal: 1_000 })];
    } finally {
      await server.stop();
    }
  },
};

/** From the report until another endpoint is answered, in milliseconds. */
async function replaced({ call }: ServerProcess, at: number): Promise<number> {
  const request = requestOf(at);
  const { domain_id, plugin_id } = request;
  const { endpoint: before } = await call.ok('grpc', 'get_plugin_endpoint', request);
  const { results } = await call.ok('grpc', 'list_plugins', { domain_id, plugin_id });
  const [{ supervisor_id } = {}] = results as { supervisor_id?: string }[];
  return timed(async () => {
    await call.ok('grpc', 'notify_failure', { ...request, supervisor_id });
    while ((await call.ok('grpc', 'get_plugin_endpoint', request))['endpoint'] === before) await delay(1);
  });
}
