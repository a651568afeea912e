import { startBaseline } from '../kit/baseline.js';
import { comparisonRows } from '../kit/comparison-rows.js';
import { CONCURRENCY, grpcSide, pidsOf, restSide, warmServer } from '../kit/lookups.js';
import { compare, type Comparison, type Side } from '../kit/pairs.js';
import type { Row, Scenario, Settings } from '../kit/scenario.js';

/** Latency at half the load that the slower of the two can take. */
async function latencyRow(
  scenario: string,
  subject: Side,
  baseline: Side,
  saturated: Comparison,
  settings: Settings,
): Promise<Row> {
  const rate = Math.min(saturated.subject.requestsPerSecond, saturated.baseline.requestsPerSecond) / 2;
  settings.progress(`latency at ${Math.round(rate).toLocaleString('en')} requests/s`);
  const options = { seconds: settings.seconds, concurrency: CONCURRENCY, rate };
  const relaxed = await compare(subject, baseline, options, settings.pairs, settings.progress);
  const ratio = relaxed.subject.p99 / relaxed.baseline.p99;
  return {
    scenario,
    what: 'p99 at half the saturating load, over the baseline',
    figure: ratio.toFixed(2),
    details: `${relaxed.subject.p99.toFixed(2)} ms, baseline ${relaxed.baseline.p99.toFixed(2)} ms; ${subject.load.name}`,
    goal: '<= 2',
    met: ratio <= 2,
    data: { ratio, subject: relaxed.subject, baseline: relaxed.baseline },
  };
}

export const warmGrpc: Scenario = {
  name: 'warm-grpc',
  title: 'get_plugin_endpoint of a running plugin over gRPC, and a bare @grpc/grpc-js server with proto-loader',
  async run(settings) {
    const server = await warmServer();
    const bare = await startBaseline('grpc-constant');
    try {
      const subject = grpcSide('Berth', server.grpc, pidsOf(server));
      const baseline = grpcSide('grpc-js', `127.0.0.1:${bare.port}`, [bare.pid]);
      const options = { seconds: settings.seconds, concurrency: CONCURRENCY };
      const compared = await compare(subject, baseline, options, settings.pairs, settings.progress);
      return [
        ...comparisonRows(this.name, ['Berth', 'bare grpc-js'], compared, { ratio: 1 }),
        await latencyRow(this.name, subject, baseline, compared, settings),
      ];
    } finally {
      await bare.stop();
      await server.stop();
    }
  },
};

export const warmRest: Scenario = {
  name: 'warm-rest',
  title: 'get_plugin_endpoint of a running plugin over REST, and a bare Fastify server',
  async run(settings) {
    const server = await warmServer();
    const bare = await startBaseline('http-constant');
    const origin = `http://127.0.0.1:${bare.port}`;
    try {
      const subject = restSide('Berth', server.http, pidsOf(server));
      const baseline = restSide('Fastify', origin, [bare.pid]);
      const options = { seconds: settings.seconds, concurrency: CONCURRENCY };
      const compared = await compare(subject, baseline, options, settings.pairs, settings.progress);
      const rated = { rated: true };
      const sides = [restSide('Berth', server.http, [], rated), restSide('Fastify', origin, [], rated)] as const;
      return [
        ...comparisonRows(this.name, ['Berth', 'bare Fastify'], compared, { ratio: 0.9 }),
        await latencyRow(this.name, ...sides, compared, settings),
      ];
    } finally {
      await bare.stop();
      await server.stop();
    }
  },
};
