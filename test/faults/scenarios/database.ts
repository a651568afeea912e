import { eventually } from '../../support/eventually.js';
import { ask, installed, wish } from '../kit/ask.js';
import { steady } from '../kit/catalog.js';
import type { Scenario } from '../kit/scenario.js';
import { endpointOf } from '../kit/traffic.js';
import type { World } from '../kit/world.js';

const PLUGINS = [0, 1, 2, 3, 4].map(steady);
const OUTAGE = 60_000;

async function outage(world: World, begin: () => void | Promise<void>, end: () => void | Promise<void>) {
  const server = await world.startServer();
  await world.startAgent('agent-a', server);
  const known = await Promise.all(PLUGINS.map((plugin) => ask(server, plugin)));
  const processes = world.plugins().sort();
  const [row] = await installed(server, PLUGINS[0]);
  await begin();
  const over = performance.now() + OUTAGE;
  let warm = 0;
  let served = 0;
  let slowestWrite = 0;
  const refusals = new Set<string | number>();
  while (performance.now() < over) {
    const answers = await Promise.all(
      PLUGINS.map((plugin) => server.call.send('grpc', 'get_plugin_endpoint', wish(plugin))),
    );
    warm += answers.length;
    served += answers.filter((answer, at) => endpointOf(answer) === known[at]).length;
    const asked = performance.now();
    const { status } = await server.call.send('grpc', 'notify_failure', {
      ...wish(PLUGINS[0]!),
      supervisor_id: row?.supervisor_id,
    });
    slowestWrite = Math.max(slowestWrite, performance.now() - asked);
    refusals.add(status);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await end();
  await eventually(() => server.call.ok('grpc', 'list', { domain_id: 'domain-faults' }), 30_000);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const untouched = processes.slice(1).every((pid) => world.plugins().includes(pid));
  return {
    figure:
      `${served} of ${warm} warm lookups answered, writes ${[...refusals].join(' and ')} in at most ` +
      `${(slowestWrite / 1000).toFixed(1)} s, ${untouched ? 'no plugin' : 'a plugin'} restarted`,
    met: served === warm && slowestWrite < 2_000 && [...refusals].join() === 'UNAVAILABLE' && untouched,
  };
}

export const databaseKilled: Scenario = {
  promise: 12,
  name: 'database-killed',
  injected: 'SIGKILL of the database, started again after 60 s',
  promised: 'warm lookups answered, writes UNAVAILABLE in under 2 s, no plugin restarted',
  run: (world) =>
    outage(
      world,
      () => world.database.end('SIGKILL'),
      () => world.startDatabase(),
    ),
};

export const databaseFrozen: Scenario = {
  promise: 12,
  name: 'database-frozen',
  injected: 'SIGSTOP of the database for 60 s: its port accepts, nothing answers',
  promised: 'warm lookups answered, writes UNAVAILABLE in under 2 s, no plugin restarted',
  run: (world) =>
    outage(
      world,
      () => void world.database.child.kill('SIGSTOP'),
      () => void world.database.child.kill('SIGCONT'),
    ),
};

export const serverRestarted: Scenario = {
  promise: 12,
  name: 'server-restarted',
  injected: 'SIGKILL of the API server, started again on its ports',
  promised: 'everything is there, no plugin is restarted, the same endpoints are answered',
  async run(world) {
    const server = await world.startServer();
    await world.startAgent('agent-a', server);
    const known = await Promise.all(PLUGINS.map((plugin) => ask(server, plugin)));
    const processes = world.plugins().sort().join();
    await server.kill('SIGKILL');
    const again = await world.restartServer(server);
    const answers = await Promise.all(PLUGINS.map((plugin) => ask(again, plugin)));
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    const same = answers.filter((endpoint, at) => endpoint === known[at]).length;
    const untouched = world.plugins().sort().join() === processes;
    return {
      figure: `${same} of ${known.length} endpoints as before, ${untouched ? 'no plugin' : 'a plugin'} restarted`,
      met: same === known.length && untouched,
    };
  },
};

export const repliesLost: Scenario = {
  promise: 5,
  name: 'replies-lost',
  injected:
    'the database takes writes, but its replies are lost: failure reports and first requests, repeated by the callers',
  promised: 'each takes effect once',
  async run(world) {
    const server = await world.startServer();
    await world.startAgent('agent-a', server);
    const [plugin, other] = PLUGINS as [string, string];
    const first = await ask(server, plugin);
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    const [row] = await installed(server, plugin);
    world.databaseRoad.lose('replies');
    const report = () =>
      server.call.send('grpc', 'notify_failure', { ...wish(plugin), supervisor_id: row?.supervisor_id });
    const lostReport = await report();
    const lostRequest = server.call.send('grpc', 'get_plugin_endpoint', wish(other), {}, Date.now() + 1_500);
    await lostRequest;
    world.databaseRoad.heal();
    world.databaseRoad.cut();
    await eventually(async () => {
      const { status } = await report();
      if (status !== 'OK') throw new Error(`still ${status}`);
    }, 30_000);
    await eventually(async () => {
      if ((await ask(server, plugin)) === first) throw new Error('still the old one');
    }, 30_000);
    await ask(server, other);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const copies = [plugin, other].map((id) => world.plugins(id).length);
    const rows = await installed(server);
    return {
      figure: `told ${lostReport.status}; after repeating ${copies.join(' and ')} process each, ${rows.length} rows`,
      met: copies.every((count) => count === 1) && rows.length === 2,
    };
  },
};
