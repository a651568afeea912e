import { eventually } from '../../support/eventually.js';
import { healthOf } from '../../support/plugin-health.js';
import { ask, wish } from '../kit/ask.js';
import { steady } from '../kit/catalog.js';
import type { Finding, Scenario } from '../kit/scenario.js';
import { endpointOf, Traffic } from '../kit/traffic.js';
import type { AgentProcess, World } from '../kit/world.js';

const PLUGIN = steady(0);
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

interface Installation {
  /** The agent that runs the plugin. */
  readonly holder: AgentProcess;
  readonly other: AgentProcess;
  readonly endpoint: string;
  /** Asks what a new caller would. */
  ask(): Promise<string>;
  traffic(): Traffic;
}

/** Two agents, one of which runs the plugin. */
async function install(world: World): Promise<Installation> {
  const server = await world.startServer();
  const agents = [await world.startAgent('agent-a', server), await world.startAgent('agent-b', server)];
  const endpoint = await ask(server, PLUGIN);
  const holder = agents.find((agent) => agent.plugins(PLUGIN).length > 0)!;
  return {
    holder,
    other: agents.find((agent) => agent !== holder)!,
    endpoint,
    ask: () => ask(server, PLUGIN),
    traffic: () => new Traffic(server.call, wish(PLUGIN)),
  };
}

/** Waits until callers get an endpoint of the other agent. */
async function moved({ ask: asked, endpoint, other }: Installation): Promise<void> {
  await eventually(async () => {
    if ((await asked()) === endpoint || other.plugins(PLUGIN).length === 0) throw new Error('not moved yet');
  }, 60_000);
}

async function failover(world: World, fault: (holder: AgentProcess) => void | Promise<void>): Promise<Finding> {
  const installation = await install(world);
  const traffic = installation.traffic();
  const began = performance.now();
  await fault(installation.holder);
  await moved(installation);
  const seen = await traffic.stop();
  const fresh = seen.find(
    ({ asked, answer }) => asked > began && ![undefined, installation.endpoint].includes(endpointOf(answer)),
  );
  const after = (fresh?.answered ?? Infinity) - began;
  return {
    figure: `another supervisor's endpoint after ${seconds(after)}`,
    met: after <= 10_000 + 2_000 && (await healthOf(await installation.ask(), 2_000)) === 'SERVING',
  };
}

export const agentKilled: Scenario = {
  promise: 8,
  name: 'agent-killed',
  injected: 'SIGKILL of an agent and its plugins under constant calls; another agent could run the plugin',
  promised: "another supervisor's endpoint in 10 s plus its start time",
  run: (world) =>
    failover(world, async (holder) => {
      const plugins = holder.plugins();
      await holder.kill('SIGKILL');
      for (const pid of plugins) process.kill(pid, 'SIGKILL');
    }),
};

export const agentCutOff: Scenario = {
  promise: 8,
  name: 'agent-cut-off',
  injected: 'everything between an agent and its server is lost, in both directions, without a reset',
  promised: "another supervisor's endpoint in 10 s plus its start time",
  run: (world) => failover(world, (holder) => holder.proxy.lose('requests', 'replies')),
};

/** Copies that are left when a lost agent is back. */
async function oneCopy(
  world: World,
  lose: (agent: AgentProcess) => void,
  back: (agent: AgentProcess) => void,
): Promise<Finding> {
  const installation = await install(world);
  const { holder, other } = installation;
  lose(holder);
  await moved(installation);
  const both = world.plugins(PLUGIN).length;
  const healed = performance.now();
  back(holder);
  await eventually(() => {
    if (world.plugins(PLUGIN).length !== 1) throw new Error('two copies');
  }, 60_000);
  const after = performance.now() - healed;
  const survivor = other.plugins(PLUGIN).length === 1;
  return {
    figure: `${both} copies, one ${seconds(after)} after it was back: ${survivor ? 'the one that callers are sent to' : 'the wrong one'}`,
    met: survivor && after <= 15_000 && (await healthOf(await installation.ask(), 2_000)) === 'SERVING',
  };
}

export const healedCut: Scenario = {
  promise: 9,
  name: 'healed-cut',
  injected: 'an agent is cut off until its plugin runs elsewhere, then the cut heals',
  promised: 'exactly one copy survives, within 15 s',
  run: (world) =>
    oneCopy(
      world,
      (agent) => agent.proxy.lose('requests', 'replies'),
      (agent) => agent.proxy.heal(),
    ),
};

export const oneWayCut: Scenario = {
  promise: 9,
  name: 'one-way-cut',
  injected: 'what an agent sends is lost, what it is sent arrives; then the cut heals',
  promised: 'exactly one copy survives, within 15 s',
  run: (world) =>
    oneCopy(
      world,
      (agent) => agent.proxy.lose('requests'),
      (agent) => agent.proxy.heal(),
    ),
};

export const sleptPastLease: Scenario = {
  promise: 10,
  name: 'slept-past-lease',
  injected: 'SIGSTOP of an agent for longer than its lease, until its plugin runs elsewhere, then SIGCONT',
  promised: 'what it says of its old life is refused; its copy is stopped within 15 s',
  run: (world) =>
    oneCopy(
      world,
      (agent) => agent.signal('SIGSTOP'),
      (agent) => agent.signal('SIGCONT'),
    ),
};

export const mostVanish: Scenario = {
  promise: 11,
  name: 'most-vanish',
  injected: 'three of four agents are cut off at once, for three leases',
  promised: 'nothing is moved, what is known is served',
  async run(world) {
    const server = await world.startServer();
    const agents: AgentProcess[] = [];
    for (const name of ['agent-a', 'agent-b', 'agent-c', 'agent-d']) agents.push(await world.startAgent(name, server));
    const labels = agents.map(({ name }) => ({ agent: name }));
    const known = await Promise.all(labels.map((label, at) => ask(server, steady(at), label)));
    // Whoever is lost could be replaced by the one that is left.
    const free = await Promise.all([10, 11, 12, 13, 14, 15, 16, 17].map((at) => ask(server, steady(at))));
    const before = world.plugins().length;
    for (const agent of agents.slice(0, 3)) agent.proxy.lose('requests', 'replies');
    let asked = 0;
    let served = 0;
    const end = performance.now() + 27_000;
    while (performance.now() < end) {
      const answers = await Promise.all([
        ...labels.map((label, at) => server.call.send('grpc', 'get_plugin_endpoint', wish(steady(at), label))),
        ...free.map((_, at) => server.call.send('grpc', 'get_plugin_endpoint', wish(steady(10 + at)))),
      ]);
      asked += answers.length;
      served += answers.filter((answer, at) => endpointOf(answer) === [...known, ...free][at]).length;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const started = world.plugins().length - before;
    return {
      figure: `${served} of ${asked} calls served as before, ${started} plugins moved`,
      met: served === asked && started === 0,
    };
  },
};
