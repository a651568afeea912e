import { startBaseline } from '../kit/baseline.js';
import { comparisonRows } from '../kit/comparison-rows.js';
import { grpcSide, pidsOf, restSide, warmServer } from '../kit/lookups.js';
import { compare, type Comparison, type Start } from '../kit/pairs.js';
import type { Row, Scenario, Settings } from '../kit/scenario.js';

/** Latency at half the load that the slower of the two can take. */
async function latencyRow(scenario: string, start: Start, saturated: Comparison, settings: Settings): Promise<Row> {
  const rate = Math.min(saturated.subject.requestsPerSecond, saturated.baseline.requestsPerSecond) / 2;
  settings.progress(`latency at ${Math.round(rate).toLocaleString('en')} requests/s`);
  const { subject, baseline } = await compare(settings, start, rate);
  const ratio = subject.p99 / baseline.p99;
  return {
    scenario,
    what: 'p99 at half the saturating load, over the baseline',
    figure: ratio.toFixed(2),
    details: `${subject.p99.toFixed(2)} ms, baseline ${baseline.p99.toFixed(2)} ms`,
    goal: '<= 2',
    met: ratio <= 2,
    data: { ratio, subject, baseline },
  };
}

const startGrpc: Start = async (keep) => {
  const server = keep(await warmServer());
  const bare = keep(await startBaseline('grpc-constant'));
  return [grpcSide('Berth', server.grpc, pidsOf(server)), grpcSide('grpc-js', `127.0.0.1:${bare.port}`, [bare.pid])];
};

/** @param rated whether requests are sent at a rate */
const startRest =
  (rated: boolean): Start =>
  async (keep) => {
    const server = keep(await warmServer());
    const bare = keep(await startBaseline('http-constant'));
    return [
      restSide('Berth', server.http, pidsOf(server), { rated }),
      restSide('Fastify', `http://127.0.0.1:${bare.port}`, [bare.pid], { rated }),
    ];
  };

export const warmGrpc: Scenario = {
  name: 'warm-grpc',
  title: 'get_plugin_endpoint of a running plugin over gRPC, and a bare @grpc/grpc-js server with proto-loader',
  async run(settings) {
    const compared = await compare(settings, startGrpc);
    return [
      ...comparisonRows(this.name, ['Berth', 'bare grpc-js'], compared, { ratio: 1 }),
      await latencyRow(this.name, startGrpc, compared, settings),
    ];
  },
};

export const warmRest: Scenario = {
  name: 'warm-rest',
  title: 'get_plugin_endpoint of a running plugin over REST, and a bare Fastify server',
  async run(settings) {
    const compared = await compare(settings, startRest(false));
    return [
      ...comparisonRows(this.name, ['Berth', 'bare Fastify'], compared, { ratio: 0.9 }),
      await latencyRow(this.name, startRest(true), compared, settings),
    ];
  },
};
