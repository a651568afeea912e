import { Client, credentials } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { size } from '../support/layer.js';
import { ServerProcess } from '../support/server-process.js';
import { History, PLUGINS, type Server, type Step, steps, VERSION } from './history.js';

/** The same ones again with `BERTH_TEST_SEED`. */
const COUNT = size(100, 1_000);
const SEED = Number(process.env['BERTH_TEST_SEED'] ?? Date.now() % 1_000_000);
const AT_ONCE = 25;

let database: SharedDatabase;
let processes: readonly ServerProcess[];
let servers: readonly Server[];

beforeAll(async () => {
  database = await startDatabase();
  const catalog = {
    plugins: PLUGINS.map((plugin_id) => ({
      plugin_id,
      name: plugin_id,
      resource_type: 'monitoring.Webhook',
      versions: [{ version: VERSION, process: { command: ['node', 'plugin.js'] } }],
    })),
  };
  const env = { MONGODB_URI: database.uri, BERTH_AGENT: 'none', BERTH_SUPERVISOR_LEASE: '30000' };
  processes = await Promise.all([0, 1].map(() => ServerProcess.start({ env, catalog })));
  servers = processes.map(({ call, grpc }) => ({ call, link: new Client(grpc, credentials.createInsecure()) }));
});
afterAll(async () => {
  for (const { link } of servers) link.close();
  for (const server of processes) await server.stop();
  await database.close();
});

it(
  `keeps its promises in ${COUNT} random histories of calls, reports, crashes and reconnects (seed ${SEED})`,
  { tags: ['sized'], timeout: 1_800_000 },
  async () => {
    const histories = fc.sample(steps, { numRuns: COUNT, seed: SEED });
    const broken: string[] = [];
    let next = 0;
    const live = async () => {
      for (let index = next++; index < histories.length; index = next++) {
        const history = histories[index] ?? [];
        await new History(`domain-${index}`, servers).live(history).catch((error: Error) => {
          broken.push(`${index}: ${error.message}\n${history.map(told).join('\n')}`);
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, live));
    expect(broken).toEqual([]);
  },
);

const told = ({ what, agent, plugin, server }: Step) => `  ${what} agent ${agent} plugin ${plugin} server ${server}`;
