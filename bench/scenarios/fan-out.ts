import { once } from 'node:events';
import { credentials } from '@grpc/grpc-js';
import { type ServerMessage, SupervisorLinkClient } from '../../src/generated/berth/link/v1/link.js';
import { startDatabase } from '../../test/support/database.js';
import { ServerProcess } from '../../test/support/server-process.js';
import { catalogOf, requestOf, timed } from '../kit/direct-start.js';
import type { Scenario } from '../kit/scenario.js';
import { median } from '../kit/statistics.js';

const AGENTS = 100;
const CHANGES = 4;
const GOAL = 100;

/** The link of an agent that runs nothing, and tells when it is told of a generation. */
class Agent {
  private readonly client: SupervisorLinkClient;
  private readonly stream;
  private known = new Map<string, number>();
  private heard: () => void = () => undefined;

  constructor(server: string, number: number) {
    this.client = new SupervisorLinkClient(server, credentials.createInsecure());
    this.stream = this.client.connect();
    this.stream.on('error', () => undefined);
    this.stream.on('data', ({ assignments }: ServerMessage) => {
      for (const { plugin_id = '', generation = 0 } of assignments?.assigned ?? [])
        this.known.set(plugin_id, generation);
      this.heard();
    });
    const hostname = `agent-${number}`;
    const hello = { name: hostname, hostname, domain_id: `domain-${number}`, driver: 'process' };
    this.stream.write({ hello });
  }

  async welcomed(): Promise<void> {
    await once(this.stream, 'data');
  }

  async until(pluginId: string, generation: number): Promise<void> {
    while ((this.known.get(pluginId) ?? 0) < generation) await new Promise<void>((resolve) => (this.heard = resolve));
  }

  close(): void {
    this.stream.end();
    this.client.close();
  }
}

export const fanOut: Scenario = {
  name: 'fan-out',
  title: `one write that concerns the instances of ${AGENTS} connected agents, until all were told`,
  async run({ pairs, progress }) {
    const database = await startDatabase();
    const env = {
      MONGODB_URI: database.uri,
      BERTH_AGENT: 'none',
      BERTH_LOG_LEVEL: 'warn',
      BERTH_SUPERVISOR_LEASE: '600000',
    };
    const server = await ServerProcess.start({ catalog: catalogOf(1), env });
    const agents: Agent[] = [];
    const { plugin_id, version } = requestOf(0);
    try {
      for (let number = 0; number < AGENTS; number++) {
        const agent = new Agent(server.grpc, number);
        agents.push(agent);
        await agent.welcomed();
      }
      const deadline = Date.now() + 5_000;
      const ask = (number: number) =>
        server.call.send(
          'grpc',
          'get_plugin_endpoint',
          { plugin_id, version, domain_id: `domain-${number}` },
          {},
          deadline,
        );
      const asking = agents.map((_, number) => ask(number));
      await Promise.all(agents.map((agent) => agent.until(plugin_id, 1)));
      await Promise.all(asking);
      const times: number[] = [];
      for (let round = 0; round < pairs * CHANGES; round++) {
        const told = Promise.all(agents.map((agent) => agent.until(plugin_id, round + 2)));
        times.push(
          await timed(async () => {
            const change = { $inc: { generation: 1, revision: 1 }, $set: { updated_at: new Date() } };
            await database.db.collection('installed_plugins').updateMany({ plugin_id }, change);
            await told;
          }),
        );
      }
      progress(`told after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
      const [least, most] = [Math.min(...times), Math.max(...times)].map((ms) => ms.toFixed(0));
      return [
        {
          scenario: this.name,
          what: `one change until ${AGENTS} agents were told`,
          figure: `${median(times).toFixed(0)} ms`,
          details: `${times.length} changes, ${least} to ${most} ms`,
          goal: `<= ${GOAL} ms`,
          met: median(times) <= GOAL,
          data: { times },
        },
      ];
    } finally {
      for (const agent of agents) agent.close();
      await server.stop();
      await database.close();
    }
  },
};
