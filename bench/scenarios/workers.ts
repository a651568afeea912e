import { comparisonRows } from '../kit/comparison-rows.js';
import { grpcSide, pidsOf, restSide, warmServer } from '../kit/lookups.js';
import { compare } from '../kit/pairs.js';
import type { Scenario } from '../kit/scenario.js';

/** It needs more processors than the workers: the load generator takes one, or shares with them. */
function twoWorkers(transport: 'grpc' | 'rest'): Scenario {
  return {
    name: `workers-${transport}`,
    title: `get_plugin_endpoint over ${transport} with two workers, and with one`,
    async run(settings) {
      const sideOf = transport === 'grpc' ? grpcSide : restSide;
      const at = transport === 'grpc' ? 'grpc' : 'http';
      const compared = await compare(settings, async (keep) => {
        const two = keep(await warmServer({ BERTH_WORKERS: '2' }));
        const one = keep(await warmServer());
        return [sideOf('two workers', two[at], pidsOf(two)), sideOf('one', one[at], pidsOf(one))];
      });
      return comparisonRows(this.name, ['two workers', 'one'], compared, { ratio: 1.6 });
    },
  };
}

export const workersGrpc = twoWorkers('grpc');
export const workersRest = twoWorkers('rest');
