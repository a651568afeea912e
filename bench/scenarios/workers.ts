import { comparisonRows } from '../kit/comparison-rows.js';
import { grpcSide, pidsOf, restSide, warmServer } from '../kit/lookups.js';
import { compare } from '../kit/pairs.js';
import { missingForShares, ProcessorShare } from '../kit/processor-share.js';
import type { Row, Scenario, Settings } from '../kit/scenario.js';

const GOAL = { ratio: 1.6 };

/** Of one processor: two workers leave one of two processors to the load generator. */
const SHARE = 0.5;

/**
 * Once as fast as the machine lets them, and once with every process of the servers held to a share of one processor. The
 * first needs more processors than there are workers, as the load generator takes one or shares with them; the second
 * shows on two what the workers themselves are able to.
 */
function twoWorkers(transport: 'grpc' | 'rest'): Scenario {
  const sideOf = transport === 'grpc' ? grpcSide : restSide;
  const at = transport === 'grpc' ? 'grpc' : 'http';
  const rows = async (settings: Settings, names: readonly [string, string], share?: number): Promise<Row[]> => {
    const compared = await compare(settings, async (keep) => {
      const two = keep(await warmServer({ BERTH_WORKERS: '2' }));
      const one = keep(await warmServer());
      if (share !== undefined)
        for (const pid of [...pidsOf(two), ...pidsOf(one)]) keep(ProcessorShare.hold(pid, share));
      return [sideOf(names[0], two[at], pidsOf(two)), sideOf(names[1], one[at], pidsOf(one))];
    });
    return comparisonRows(`workers-${transport}`, names, compared, GOAL);
  };
  return {
    name: `workers-${transport}`,
    title: `get_plugin_endpoint over ${transport} with two workers, and with one`,
    async run(settings) {
      const free = await rows(settings, ['two workers', 'one']);
      const missing = missingForShares();
      if (missing !== '') {
        settings.progress(`skipped: processes held to ${SHARE} of a processor (${missing})`);
        return free;
      }
      settings.progress(`each process held to ${SHARE} of a processor`);
      return [...free, ...(await rows(settings, [`two workers, held to ${SHARE}`, `one held to ${SHARE}`], SHARE))];
    },
  };
}

export const workersGrpc = twoWorkers('grpc');
export const workersRest = twoWorkers('rest');
