import { eventually } from '../../support/eventually.js';
import { DOMAIN, installed, wish } from '../kit/ask.js';
import { steady } from '../kit/catalog.js';
import type { Scenario } from '../kit/scenario.js';
import type { ServerProcess } from '../../support/server-process.js';

const ROUNDS = 42;

/** In every other round all reports are acknowledged: so many are at least. */
const ACKNOWLEDGED = 1_000;
const REPORTED = Array.from({ length: 50 }, (_, at) => steady(at));

/**
 * Says that all of them run, each at a new address at which nobody answers: so every report is one of a dead instance, and
 * takes effect however young the instance is.
 */
async function publish(server: ServerProcess, round: number): Promise<string> {
  const said = {
    name: 'polling',
    hostname: 'polling-1',
    domain_id: DOMAIN,
    plugin_info: REPORTED.map((plugin_id, at) => {
      const endpoint = `grpc://127.9.${round}.${at + 1}:1`;
      return { plugin_id, version: '1.0.0', state: 'ACTIVE', endpoint, endpoints: [endpoint] };
    }),
  };
  // A database that has just come back may be slow: a supervisor would publish again.
  const answer = await eventually(() => server.call.ok('grpc', 'publish', said));
  return String(answer['supervisor_id']);
}

/** Ids of the plugins that are ACTIVE. */
const active = async (server: ServerProcess) => {
  const rows = await eventually(() => installed(server));
  return new Set(rows.filter(({ state }) => state === 'ACTIVE').map(({ plugin_id }) => plugin_id));
};

export const reportsSurvive: Scenario = {
  promise: 3,
  name: 'reports-survive',
  injected: `SIGKILL of server and database among and right after acknowledged failure reports, ${ROUNDS} times for ${REPORTED.length} plugins`,
  promised: 'none is lost',
  async run(world) {
    let server = await world.startServer();
    // It publishes once in a round and repairs nothing, so that a report can be seen until then.
    const supervisor_id = await publish(server, 0);
    const asked = REPORTED.map((plugin) => server.call.send('grpc', 'get_plugin_endpoint', wish(plugin)));
    while ((await installed(server)).length < REPORTED.length) await new Promise((resolve) => setTimeout(resolve, 50));
    await publish(server, 0);
    await Promise.all(asked);
    let acknowledged = 0;
    let lost = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const fit = await active(server);
      const told = new Set<string>();
      const reports = REPORTED.map(async (plugin) => {
        const { status } = await server.call.send('grpc', 'notify_failure', { ...wish(plugin), supervisor_id });
        if (status === 'OK' && fit.has(plugin)) told.add(plugin);
      });
      // In every other round it is killed in the midst of them: some are acknowledged by then, some are not.
      if (round % 2 === 0) await Promise.all(reports);
      else await Promise.any(reports);
      const counted = new Set(told);
      await Promise.all([server.kill('SIGKILL'), world.database.end('SIGKILL')]);
      await Promise.allSettled(reports);
      // Together, as a machine does that comes back: a server waits for its database.
      [server] = await Promise.all([world.restartServer(server), world.startDatabase()]);
      const forgotten = await active(server);
      acknowledged += counted.size;
      for (const plugin of counted) if (forgotten.has(plugin)) lost++;
      await publish(server, round);
    }
    return {
      figure: `${lost} of ${acknowledged} acknowledged reports lost`,
      met: lost === 0 && acknowledged >= ACKNOWLEDGED,
    };
  },
};
