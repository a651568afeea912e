import { timed } from '../kit/direct-start.js';
import type { Row, Scenario } from '../kit/scenario.js';
import { requestFor, SEEDED_SUPERVISOR } from '../kit/seed.js';
import { startSeeded } from '../kit/seeded-server.js';
import { median, quantile } from '../kit/statistics.js';

const PLUGINS = 1_000;
const CALLS = 10;

export const supervisorCalls: Scenario = {
  name: 'supervisor-calls',
  title: `publish and list_plugins of a supervisor with ${PLUGINS} plugins`,
  async run({ pairs }) {
    const { server } = await startSeeded(PLUGINS);
    const plugin_info = Array.from({ length: PLUGINS }, (_, at) => {
      const { plugin_id, version } = requestFor(at);
      const endpoint = `grpc://10.0.${at >> 8}.${at & 255}:50051`;
      return { plugin_id, version, state: 'ACTIVE', endpoint, endpoints: [endpoint] };
    });
    const { domain_id, hostname } = SEEDED_SUPERVISOR;
    const publish = () => server.call.ok('grpc', 'publish', { ...SEEDED_SUPERVISOR, plugin_info });
    const list = () => server.call.ok('grpc', 'list_plugins', { domain_id, hostname });
    try {
      await publish();
      const { results } = await list();
      const listed = (results as { state: string }[]).filter(({ state }) => state === 'ACTIVE').length;
      if (listed !== PLUGINS) throw new Error(`${listed} of ${PLUGINS} plugins are listed as ACTIVE`);
      const times = { publish: [] as number[], list_plugins: [] as number[] };
      for (let round = 0; round < pairs * CALLS; round++) {
        times.publish.push(await timed(publish));
        times.list_plugins.push(await timed(list));
      }
      return Object.entries(times).map(([what, values]): Row => {
        const details = `p99 ${quantile(values, 0.99).toFixed(1)} ms, ${values.length} calls one after another`;
        const figure = `${median(values).toFixed(1)} ms`;
        return {
          scenario: this.name,
          what: `${what}, ${PLUGINS} plugins`,
          figure,
          details,
          goal: '',
          data: { values },
        };
      });
    } finally {
      await server.stop();
    }
  },
};
