import { transports } from '../../support/caller.js';
import { ask, wish } from '../kit/ask.js';
import { steady } from '../kit/catalog.js';
import type { Scenario } from '../kit/scenario.js';

export const oneStart: Scenario = {
  promise: 1,
  name: 'one-start',
  injected: 'three API servers on one database, 200 callers at each at once, over both transports, for one plugin',
  promised: 'exactly one process starts',
  async run(world) {
    const servers = await Promise.all([1, 2, 3].map(() => world.startServer()));
    for (const name of ['agent-a', 'agent-b']) await world.startAgent(name, servers[0]!);
    const answers = await Promise.all(
      servers.flatMap((server) =>
        Array.from({ length: 200 }, (_, n) =>
          server.call.ok(transports[n % 2]!, 'get_plugin_endpoint', wish(steady(0))),
        ),
      ),
    );
    const endpoints = new Set(answers.map(({ endpoint }) => endpoint));
    const processes = world.plugins(steady(0)).length;
    return {
      figure: `${processes} process, ${endpoints.size} endpoint for ${answers.length} callers`,
      met: processes === 1 && endpoints.size === 1,
    };
  },
};

export const sameError: Scenario = {
  promise: 2,
  name: 'same-answer',
  injected: '200 callers at two API servers at once for a plugin that crashes at each start',
  promised: 'all are told the same error, of one deployment',
  async run(world) {
    const servers = await Promise.all([1, 2].map(() => world.startServer()));
    await world.startAgent('agent-a', servers[0]!, ['--max-restarts', '1']);
    const answers = await Promise.all(
      servers.flatMap((server) =>
        Array.from({ length: 100 }, () => server.call.send('grpc', 'get_plugin_endpoint', wish('plugin-crashing'))),
      ),
    );
    const told = new Set(answers.map(({ status, code }) => `${status} ${code}`));
    await ask(servers[0]!, steady(0));
    return {
      figure: `${[...told].join(', ')} for ${answers.length} callers`,
      met: told.size === 1 && !told.has('OK undefined'),
    };
  },
};
