/**
 * A small installation under constant calls, in which something breaks every five seconds.
 *
 *     npm run test:soak [-- --minutes N --seed N]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { processAt } from '../../support/processes.js';
import { eventually } from '../../support/eventually.js';
import type { ServerProcess } from '../../support/server-process.js';
import { installed } from '../kit/ask.js';
import { steady } from '../kit/catalog.js';
import { type AgentProcess, World } from '../kit/world.js';
import { DOMAINS, faults, type Installation } from './faults.js';
import { Troubles } from './troubles.js';
import { type Origin, Watch } from './watch.js';

const FAULT_EVERY = 5_000;
const SERVERS = 3;
const PLUGINS = 50;
const CALLERS = 6;
/** Their domains; the last serves both. */
const AGENTS = ['domain-one', 'domain-one', 'domain-two', 'domain-two', 'domain-three'];
/** Memory may grow by this much between the second quarter and the end, as a ratio. */
const FLAT = 1.2;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const numbers = fc.sample(fc.nat(), { numRuns: 100_000, seed });
let drawn = 0;
const random = (bound: number) => (numbers[drawn++ % numbers.length] ?? 0) % Math.max(1, bound);
const say = (line: string) => process.stdout.write(`${line}\n`);
const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

const wishes = Array.from({ length: PLUGINS }, (_, at) => ({
  plugin_id: steady(at),
  version: '1.0.0',
  domain_id: DOMAINS[at % DOMAINS.length] ?? '',
}));

const memoryOf = (pid: number) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

await using world = new World();
const servers: (ServerProcess | undefined)[] = [];
for (let index = 0; index < SERVERS; index++) servers.push(await world.startServer());
const agents: (AgentProcess | undefined)[] = [];
const troubles = new Troubles();

async function startAgent(index: number): Promise<void> {
  // Its server may be down just now.
  const server = await eventually(() => {
    const one = servers[index % SERVERS];
    if (one === undefined) throw new Error('Its server is not there.');
    return one;
  }, 60_000);
  const isPublic = index === AGENTS.length - 1;
  const flags = ['--domain', AGENTS[index] ?? '', ...(isPublic ? ['--public'] : [])];
  agents[index] = await world.startAgent(`agent-${index}`, server, flags);
}
for (let index = 0; index < AGENTS.length; index++) await startAgent(index);

const origins = new Map<string, Origin>();

/** Plugins tell by their environment what they are and who runs them. */
function originOf(endpoint: string, again = false): Origin | undefined {
  const known = again ? undefined : origins.get(endpoint);
  if (known !== undefined) return known;
  let environment: string;
  try {
    environment = readFileSync(`/proc/${processAt(endpoint)}/environ`, 'utf8');
  } catch {
    return undefined;
  }
  const index = Number(/HOME=[^\0]*agent-(\d)/.exec(environment)?.[1]);
  const origin: Origin = {
    pluginId: /BERTH_PLUGIN_ID=([^\0]*)/.exec(environment)?.[1] ?? '',
    domainId: index === AGENTS.length - 1 ? undefined : AGENTS[index],
    reachesSince: () => troubles.wellSince([`agent ${index}`, `server ${index % SERVERS}`, 'database']),
  };
  origins.set(endpoint, origin);
  return origin;
}

const watch = new Watch({ servers: () => servers.filter((server) => server !== undefined), originOf }, wishes);
say(`Seed ${seed}: ${SERVERS} servers, ${AGENTS.length} agents, ${PLUGINS} plugins, ${CALLERS} callers.`);
const first = servers[0] as ServerProcess;
await Promise.all(wishes.map((wish) => first.call.send('grpc', 'get_plugin_endpoint', wish)));
watch.start(CALLERS);

const began = performance.now();
const end = began + Number(values.minutes) * 60_000;
const memory: number[] = [];
const counts = new Map<string, number>();
const under: Promise<void>[] = [];
const installation: Installation = { world, servers, agents, startAgent, random, troubles };
while (performance.now() < end - 30_000) {
  const fault = faults[random(faults.length)];
  if (fault === undefined) continue;
  counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1);
  say(
    `${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${fault.name}; ${watch.answers} answers, ` +
      `${watch.refusals} refusals, ${watch.dead} of a dead one (at most ${watch.longestDead.toFixed(0)} ms), ` +
      `${memory.at(-1)?.toFixed(0) ?? '?'} MB`,
  );
  under.push(
    fault.run(installation).catch((error: unknown) => void watch.wrong.add(`${fault.name}: ${String(error)}`)),
  );
  await pause(FAULT_EVERY);
  memory.push(memoryOf(first.child.pid ?? 0));
}
await Promise.all(under);
await pause(30_000);
await watch.stop();

const rows = (await Promise.all(DOMAINS.map((domain) => installed(first, '', domain)))).flat();
const processes = world.plugins().length;
const twice = wishes.filter(({ plugin_id }) => world.plugins(plugin_id).length > 1).map(({ plugin_id }) => plugin_id);
const quarter = Math.floor(memory.length / 4);
const growth = median(memory.slice(-quarter)) / median(memory.slice(quarter, 2 * quarter));
const logs = world.servers.filter(({ log }) => /nobody looked|uncaught/i.test(log)).length;
const findings: readonly (readonly [string, boolean])[] = [
  [`${watch.answers} answers, ${watch.refusals} refusals`, watch.answers > 0],
  [`wrong answers: ${[...watch.wrong].join('; ') || 'none'}`, watch.wrong.size === 0],
  [`answers that named a dead one: ${watch.dead}, at most ${watch.longestDead.toFixed(0)} ms after its end`, true],
  [
    `${processes} plugin processes for ${rows.length} installed; twice: ${twice.join(', ') || 'none'}`,
    twice.length === 0,
  ],
  [`unhandled rejections: in ${logs} logs`, logs === 0],
  [`memory of a server that ran throughout: ${growth.toFixed(2)} of its second quarter`, growth <= FLAT],
];
say(`\n${[...counts].map(([name, count]) => `${count} × ${name}`).join(', ')}`);
for (const [line, met] of findings) say(`${met ? 'kept  ' : 'BROKEN'}  ${line}`);
process.exitCode = findings.every(([, met]) => met) ? 0 : 1;
