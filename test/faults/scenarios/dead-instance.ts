import { eventually } from '../../support/eventually.js';
import { healthOf } from '../../support/plugin-health.js';
import { processAt } from '../../support/processes.js';
import { ask, installed, wish } from '../kit/ask.js';
import { steady } from '../kit/catalog.js';
import type { Finding, Scenario } from '../kit/scenario.js';
import { endpointOf, Traffic } from '../kit/traffic.js';
import type { World } from '../kit/world.js';

const PLUGIN = steady(0);

/** How long the endpoint of a broken instance is handed out, and how long it takes to get another one. */
async function break_(
  world: World,
  signal: 'SIGKILL' | 'SIGSTOP',
  limits: { out: number; back: number },
): Promise<Finding> {
  const server = await world.startServer();
  await world.startAgent('agent-a', server);
  const began = performance.now();
  const first = await ask(server, PLUGIN);
  const start = performance.now() - began;
  const traffic = new Traffic(server.call, wish(PLUGIN));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const pid = processAt(first);
  const broken = performance.now();
  process.kill(pid, signal);
  await eventually(async () => {
    if ((await ask(server, PLUGIN)) === first) throw new Error('still the old one');
  }, 30_000);
  const replaced = performance.now();
  const seen = await traffic.stop();
  const handedOut = seen.filter(({ asked, answer }) => asked > broken && endpointOf(answer) === first);
  const out = Math.max(0, ...handedOut.map(({ asked }) => asked - broken));
  const fresh = seen.find(({ asked, answer }) => asked > broken && ![undefined, first].includes(endpointOf(answer)));
  const back = Math.min(fresh?.answered ?? Infinity, replaced) - broken;
  const health = await healthOf(await ask(server, PLUGIN));
  return {
    figure: `handed out for ${out.toFixed(0)} ms, another after ${back.toFixed(0)} ms (a start takes ${start.toFixed(0)} ms)`,
    met: out <= limits.out && back <= limits.back + start && health === 'SERVING',
  };
}

export const pluginKilled: Scenario = {
  promise: 7,
  name: 'plugin-killed',
  injected: 'SIGKILL of a plugin under constant calls',
  promised: 'not handed out 2 s after it died, replaced in 5 s plus its start time',
  run: (world) => break_(world, 'SIGKILL', { out: 2_000, back: 5_000 }),
};

export const pluginFrozen: Scenario = {
  promise: 7,
  name: 'plugin-frozen',
  injected: 'SIGSTOP of a plugin under constant calls: its port accepts, nothing answers',
  promised: 'found by health checks within 10 s and replaced',
  run: (world) => break_(world, 'SIGSTOP', { out: 10_000, back: 15_000 }),
};

export const manyReports: Scenario = {
  promise: 4,
  name: 'many-reports',
  injected: '50 failure reports at once for one instance, and 20 more when its replacement serves',
  promised:
    'one replacement for the first, at most one for the late ones; what is newer is not killed by what is older',
  async run(world) {
    const server = await world.startServer();
    await world.startAgent('agent-a', server);
    const first = await ask(server, PLUGIN);
    const [row] = await installed(server, PLUGIN);
    const report = () =>
      server.call.ok('grpc', 'notify_failure', { ...wish(PLUGIN), supervisor_id: row?.supervisor_id });
    // Reports in the first seconds of an instance are answered by a probe: let it grow older.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    await Promise.all(Array.from({ length: 50 }, report));
    const second = await eventually(async () => {
      const endpoint = await ask(server, PLUGIN);
      if (endpoint === first) throw new Error('still the old one');
      return endpoint;
    });
    const pid = processAt(second);
    await Promise.all(Array.from({ length: 20 }, report));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const third = await ask(server, PLUGIN);
    const processes = world.plugins(PLUGIN);
    return {
      figure: `${third === second && processes.includes(pid) ? 'the replacement stayed' : 'it was replaced again'}, ${processes.length} process`,
      met: third === second && processes.length === 1 && processes[0] === pid,
    };
  },
};
