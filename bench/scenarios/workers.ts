import { comparisonRows } from '../kit/comparison-rows.js';
import { CONCURRENCY, grpcSide, pidsOf, restSide, warmServer } from '../kit/lookups.js';
import { compare } from '../kit/pairs.js';
import type { Scenario } from '../kit/scenario.js';

/** It needs more processors than the workers: the load generator takes one, or shares with them. */
function twoWorkers(transport: 'grpc' | 'rest'): Scenario {
  return {
    name: `workers-${transport}`,
    title: `get_plugin_endpoint over ${transport} with two workers, and with one`,
    async run(settings) {
      const two = await warmServer({ BERTH_WORKERS: '2' });
      const one = await warmServer();
      try {
        const sideOf = transport === 'grpc' ? grpcSide : restSide;
        const at = transport === 'grpc' ? 'grpc' : 'http';
        const subject = sideOf('two workers', two[at], pidsOf(two));
        const baseline = sideOf('one', one[at], pidsOf(one));
        const options = { seconds: settings.seconds, concurrency: CONCURRENCY };
        const compared = await compare(subject, baseline, options, settings.pairs, settings.progress);
        return comparisonRows(this.name, ['two workers', 'one'], compared, { ratio: 1.6 });
      } finally {
        await one.stop();
        await two.stop();
      }
    },
  };
}

export const workersGrpc = twoWorkers('grpc');
export const workersRest = twoWorkers('rest');
