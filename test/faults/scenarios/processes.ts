import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transports } from '../../support/caller.js';
import { eventually } from '../../support/eventually.js';
import { ask, wish } from '../kit/ask.js';
import { CRASHING, SLOW, steady } from '../kit/catalog.js';
import type { Scenario } from '../kit/scenario.js';
import { Traffic } from '../kit/traffic.js';

export const deadlines: Scenario = {
  promise: 14,
  name: 'deadlines',
  injected: 'calls with deadlines of 50 ms to 2 s for a plugin that takes 3 s to start; one caller waits longer',
  promised: 'each ends within its deadline + 100 ms, and the deployment goes on for the one that waits',
  async run(world) {
    const server = await world.startServer();
    await world.startAgent('agent-a', server);
    const patient = ask(server, SLOW);
    const late: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const deadline = Date.now() + 50 * (at + 1);
        await server.call.send('grpc', 'get_plugin_endpoint', wish(SLOW), {}, deadline);
        late.push(Date.now() - deadline);
      }),
    );
    const endpoint = await patient;
    const worst = Math.max(...late);
    const processes = world.plugins(SLOW).length;
    return {
      figure: `at most ${worst} ms after the deadline; the patient caller got ${endpoint === '' ? 'nothing' : 'its endpoint'}, ${processes} process`,
      met: worst <= 100 && endpoint !== '' && processes === 1,
    };
  },
};

export const noOrphans: Scenario = {
  promise: 15,
  name: 'no-orphans',
  injected: 'SIGKILL of an agent at ten moments while it starts plugins; it is started again each time',
  promised: 'one process for each plugin, none besides',
  async run(world) {
    const server = await world.startServer();
    let agent = await world.startAgent('agent-a', server);
    const plugins = Array.from({ length: 10 }, (_, at) => steady(at));
    for (const [at, plugin] of plugins.entries()) {
      const asked = server.call.send('grpc', 'get_plugin_endpoint', wish(plugin), {}, Date.now() + 30_000);
      await new Promise((resolve) => setTimeout(resolve, 15 * at));
      await agent.kill('SIGKILL');
      agent = await world.startAgent('agent-a', server);
      await asked;
    }
    await Promise.all(plugins.map((plugin) => ask(server, plugin)));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const counts = plugins.map((plugin) => world.plugins(plugin).length);
    const all = world.plugins().length;
    return {
      figure: `${all} processes for ${plugins.length} plugins`,
      met: counts.every((count) => count === 1) && all === plugins.length,
    };
  },
};

export const crashLoop: Scenario = {
  promise: 13,
  name: 'crash-loop',
  injected: 'a plugin that crashes at each start; its agent is killed and started again in between',
  promised: 'pauses of 1, 2, 4 s and so on, ± 25 %; the count survives the agent',
  async run(world) {
    const server = await world.startServer();
    let agent = await world.startAgent('agent-a', server);
    const file = join(world.directory, 'starts-of-crashing');
    const starts = () => {
      try {
        return readFileSync(file).length;
      } catch {
        return 0;
      }
    };
    const times: number[] = [];
    const began = performance.now();
    void server.call.send('grpc', 'get_plugin_endpoint', wish(CRASHING), {}, Date.now() + 25_000);
    let restarted = false;
    await eventually(async () => {
      while (times.length < starts()) times.push(performance.now() - began);
      if (times.length === 3 && !restarted) {
        restarted = true;
        await agent.kill('SIGKILL');
        agent = await world.startAgent('agent-a', server);
      }
      if (times.length < 5) throw new Error(`${times.length} starts`);
    }, 30_000);
    const pauses = times.slice(1).map((time, at) => time - times[at]!);
    const wanted = [1_000, 2_000, 4_000, 8_000];
    // A start and its crash take a part of a second more.
    const met = pauses.every((pause, at) => pause >= wanted[at]! * 0.7 && pause <= wanted[at]! * 1.25 + 1_500);
    return { figure: `pauses of ${pauses.map((pause) => (pause / 1000).toFixed(1)).join(', ')} s`, met };
  },
};

function drain(agent: 'embedded' | 'none'): Scenario['run'] {
  return async (world) => {
    const server = await world.startServer({ BERTH_AGENT: agent });
    if (agent === 'none') await world.startAgent('agent-a', server);
    await ask(server, steady(0));
    const traffic = transports.flatMap((transport) =>
      Array.from({ length: 8 }, () => new Traffic(server.call, wish(steady(0)), transport, 5)),
    );
    const waiting = transports.map((transport) => server.call.send(transport, 'get_plugin_endpoint', wish(SLOW)));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const told = performance.now();
    server.child.kill('SIGTERM');
    const waited = await Promise.all(waiting);
    await new Promise((resolve) => server.child.once('exit', resolve));
    const seen = (await Promise.all(traffic.map((one) => one.stop()))).flat();
    const taken = seen.filter(({ asked }) => asked < told);
    const failed = [...taken.map(({ answer }) => answer), ...waited].filter(({ body }) => body === undefined);
    return {
      figure: `${failed.length} of ${taken.length + waited.length} requests failed${failed[0] ? ` (${failed[0].status} ${failed[0].message})` : ''}`,
      met: failed.length === 0,
    };
  };
}

export const drained: Scenario = {
  promise: 17,
  name: 'drained',
  injected: 'SIGTERM of a server under calls over both transports, some of which wait for a deployment of 3 s',
  promised: 'no request that was taken fails',
  run: drain('none'),
};

export const drainedWithAgent: Scenario = {
  promise: 17,
  name: 'drained-with-agent',
  injected: 'the same of a server that brings its agent along',
  promised: 'no request that was taken fails',
  run: drain('embedded'),
};
