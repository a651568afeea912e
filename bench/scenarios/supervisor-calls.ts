import { ServerProcess } from '../../test/support/server-process.js';
import { catalogOf, requestOf, timed, VERSION } from '../kit/direct-start.js';
import type { Row, Scenario } from '../kit/scenario.js';
import { median, quantile } from '../kit/statistics.js';

const PLUGINS = 1_000;
const CALLS = 10;

export const supervisorCalls: Scenario = {
  name: 'supervisor-calls',
  title: `publish and list_plugins of a supervisor with ${PLUGINS} plugins`,
  async run({ pairs, progress }) {
    const env = { BERTH_AGENT: 'none', BERTH_LOG_LEVEL: 'warn', BERTH_SUPERVISOR_LEASE: '600000' };
    const server = await ServerProcess.start({ catalog: catalogOf(PLUGINS), env });
    const identity = { name: 'bench', hostname: 'bench-1', domain_id: 'domain-1' };
    const plugin_info = Array.from({ length: PLUGINS }, (_, at) => {
      const endpoint = `grpc://10.0.${at >> 8}.${at & 255}:50051`;
      return { plugin_id: requestOf(at).plugin_id, version: VERSION, state: 'ACTIVE', endpoint, endpoints: [endpoint] };
    });
    const publish = () => server.call.ok('grpc', 'publish', { ...identity, plugin_info });
    const { domain_id, hostname } = identity;
    const list = () => server.call.ok('grpc', 'list_plugins', { domain_id, hostname });
    try {
      await server.call.ok('grpc', 'publish', { ...identity, plugin_info: [] });
      await Promise.all(
        Array.from({ length: PLUGINS }, (_, at) =>
          server.call.send('grpc', 'get_plugin_endpoint', requestOf(at), {}, Date.now() + 5_000),
        ),
      );
      await publish();
      const times = { publish: [] as number[], list_plugins: [] as number[] };
      for (let round = 0; round < pairs * CALLS; round++) {
        times.publish.push(await timed(publish));
        times.list_plugins.push(await timed(list));
      }
      const { total_count: listed } = await list();
      progress(`${Number(listed)} plugins are listed`);
      return Object.entries(times).map(([what, values]): Row => {
        const told = `p99 ${quantile(values, 0.99).toFixed(1)} ms, ${values.length} calls one after another`;
        const figure = `${median(values).toFixed(1)} ms`;
        return {
          scenario: this.name,
          what: `${what}, ${listed} plugins`,
          figure,
          details: told,
          goal: '',
          data: { values },
        };
      });
    } finally {
      await server.stop();
    }
  },
};
