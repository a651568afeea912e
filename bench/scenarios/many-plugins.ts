import { comparisonRows } from '../kit/comparison-rows.js';
import { timed } from '../kit/direct-start.js';
import { restLoad } from '../kit/load-generators.js';
import { pidsOf, ROUTE } from '../kit/lookups.js';
import { compare, type Side } from '../kit/pairs.js';
import { usageOf } from '../kit/process-usage.js';
import type { Scenario } from '../kit/scenario.js';
import { requestFor } from '../kit/seed.js';
import { startSeeded, type SeededServer, warmUp } from '../kit/seeded-server.js';
import { median } from '../kit/statistics.js';

const FEW = 100;
const GOAL = { ratio: 0.9, startTime: 5_000, memory: 400 };

const count = (plugins: number) => plugins.toLocaleString('en');
const memoryOf = ({ server }: SeededServer) => usageOf(server.child.pid ?? 0).memory / 2 ** 20;

/** Asks for all of them, at random. */
function sideOf({ server }: SeededServer, plugins: number): Side {
  const body = Array.from({ length: plugins }, (_, at) => JSON.stringify(requestFor(at)));
  return {
    name: `${count(plugins)} plugins`,
    load: restLoad({ url: server.http + ROUTE, body }),
    pids: pidsOf(server),
  };
}

function lookupsAmong(plugins: number): Scenario {
  return {
    name: `lookups-${plugins}`,
    title: `get_plugin_endpoint over REST among ${count(plugins)} installed plugins of 1,000 domains, and among ${FEW}`,
    async run(settings) {
      // A hundred thousand take minutes to be asked for once.
      const processes = plugins > 10_000 ? 1 : settings.processes;
      const compared = await compare({ ...settings, processes }, async (keep) => {
        const many = await startSeeded(plugins);
        keep(many.server);
        const few = await startSeeded(FEW);
        keep(few.server);
        const time = await timed(() => warmUp(many.server, plugins));
        settings.progress(`${count(plugins)} read in ${(time / 1000).toFixed(1)} s, ${memoryOf(many).toFixed(0)} MiB`);
        await warmUp(few.server, FEW);
        return [sideOf(many, plugins), sideOf(few, FEW)];
      });
      return comparisonRows(this.name, [`${count(plugins)} plugins`, `${FEW} plugins`], compared, GOAL);
    },
  };
}

export const lookupsAmong10000 = lookupsAmong(10_000);
export const lookupsAmong100000 = lookupsAmong(100_000);

const STARTED_WITH = 100_000;

export const startUp: Scenario = {
  name: 'start-up',
  title: `npm start with ${count(STARTED_WITH)} installed plugins, until it is ready`,
  async run({ pairs, progress }) {
    const times: number[] = [];
    const memory: number[] = [];
    for (let round = 1; round <= pairs; round++) {
      const started = await startSeeded(STARTED_WITH);
      times.push(started.startTime);
      memory.push(memoryOf(started));
      await started.server.stop();
      progress(`ready after ${(times.at(-1) ?? NaN).toFixed(0)} ms, ${(memory.at(-1) ?? NaN).toFixed(0)} MiB`);
    }
    const row = (what: string, unit: string, values: readonly number[], goal: number) => ({
      scenario: this.name,
      what,
      figure: `${median(values).toFixed(0)} ${unit}`,
      details: `${pairs} starts, ${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}`,
      goal: `<= ${goal} ${unit}`,
      met: median(values) <= goal,
      data: { values },
    });
    return [
      row('start to ready', 'ms', times, GOAL.startTime),
      row('resident memory when ready', 'MiB', memory, GOAL.memory),
    ];
  },
};
