import { availableParallelism } from 'node:os';
import { ServerProcess } from '../../test/support/server-process.js';
import { differenceRow } from '../kit/difference-row.js';
import { besideDirectStarts, catalogOf, DirectPlugin, requestOf, timed } from '../kit/direct-start.js';
import type { Scenario } from '../kit/scenario.js';
import { median } from '../kit/statistics.js';

const MANY = 50;
/** Launches at a time, for each core: what an agent does when it is told nothing. */
const PARALLEL = 4 * availableParallelism();

const start = (plugins: number, env: Record<string, string> = {}) =>
  ServerProcess.start({ catalog: catalogOf(plugins), env: { BERTH_LOG_LEVEL: 'warn', ...env } });

const ask = ({ call }: ServerProcess, at: number) => call.ok('grpc', 'get_plugin_endpoint', requestOf(at));

export const coldStart: Scenario = {
  name: 'cold-start',
  title: 'get_plugin_endpoint of a plugin that does not run yet, and its program from spawn to healthy',
  async run(settings) {
    const server = await start(settings.pairs + 1);
    try {
      const times = await besideDirectStarts(settings, (at) => timed(() => ask(server, at)));
      return [differenceRow({ scenario: this.name, what: 'cold lookup over spawn to healthy', ...times, goal: 100 })];
    } finally {
      await server.stop();
    }
  },
};

/** So many at a time; each begins as soon as one before it is ready. */
async function startDirectly(): Promise<DirectPlugin[]> {
  const plugins: DirectPlugin[] = [];
  let begun = 0;
  const lane = async () => {
    while (begun++ < MANY) plugins.push(await DirectPlugin.start());
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return plugins;
}

export const coldStartOfMany: Scenario = {
  name: 'cold-start-50',
  title: `${MANY} different plugins asked for at once, and their ${MANY} programs started directly`,
  async run({ pairs, progress }) {
    const subject: number[] = [];
    const baseline: number[] = [];
    for (let pair = 1; pair <= pairs; pair++) {
      const server = await start(MANY, { BERTH_AGENT_PARALLEL: `${PARALLEL}` });
      subject.push(await timed(() => Promise.all(Array.from({ length: MANY }, (_, at) => ask(server, at)))));
      await server.stop();
      let plugins: DirectPlugin[] = [];
      baseline.push(await timed(async () => (plugins = await startDirectly())));
      await Promise.all(plugins.map((plugin) => plugin.stop()));
      progress(`Berth ${subject.at(-1)?.toFixed(0)} ms, directly ${baseline.at(-1)?.toFixed(0)} ms`);
    }
    const ratios = subject.map((ms, at) => ms / (baseline[at] ?? NaN));
    const ratio = median(ratios);
    return [
      {
        scenario: this.name,
        what: `${MANY} cold lookups at once over ${MANY} direct starts`,
        figure: ratio.toFixed(2),
        details:
          `Berth ${median(subject).toFixed(0)} ms, directly ${median(baseline).toFixed(0)} ms; ${PARALLEL} at a time; ` +
          `${pairs} pairs, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
        goal: '<= 1.3',
        met: ratio <= 1.3,
        data: { ratios, subject, baseline },
      },
    ];
  },
};
