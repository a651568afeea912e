import { PluginEndpointRequest, PluginService } from '../../src/generated/spaceone/api/plugin/v1/plugin.js';
import { ServerProcess } from '../../test/support/server-process.js';
import { startBaseline } from '../kit/baseline.js';
import { comparisonRows } from '../kit/comparison-rows.js';
import { grpcLoad, restLoad } from '../kit/load-generators.js';
import { compare, type Comparison, type Side } from '../kit/pairs.js';
import type { Row, Scenario, Settings } from '../kit/scenario.js';

const CONCURRENCY = 32;

const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-1' };
const path = PluginService.getPluginEndpoint.path;
const route = '/plugin/v1/plugin/get-plugin-endpoint';
const message = PluginEndpointRequest.encode(request).finish();

const pidOf = ({ child }: ServerProcess) => child.pid ?? 0;

function grpcSide(name: string, address: string, pids: readonly number[]): Side {
  return { name, load: grpcLoad({ address, path, message }), pids };
}

function restSide(name: string, origin: string, pids: readonly number[], rated = false): Side {
  return { name, load: restLoad({ url: origin + route, body: JSON.stringify(request) }, rated), pids };
}

/** A server in which the plugin runs already. */
async function warmServer(): Promise<ServerProcess> {
  const server = await ServerProcess.start({ env: { BERTH_LOG_LEVEL: 'warn' } });
  await server.call.ok('grpc', 'get_plugin_endpoint', request);
  return server;
}

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
      const subject = grpcSide('Berth', server.grpc, [pidOf(server)]);
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
      const subject = restSide('Berth', server.http, [pidOf(server)]);
      const baseline = restSide('Fastify', origin, [bare.pid]);
      const options = { seconds: settings.seconds, concurrency: CONCURRENCY };
      const compared = await compare(subject, baseline, options, settings.pairs, settings.progress);
      const rated = [restSide('Berth', server.http, [], true), restSide('Fastify', origin, [], true)] as const;
      return [
        ...comparisonRows(this.name, ['Berth', 'bare Fastify'], compared, { ratio: 0.9 }),
        await latencyRow(this.name, rated[0], rated[1], compared, settings),
      ];
    } finally {
      await bare.stop();
      await server.stop();
    }
  },
};
