import type { ServerProcess } from '../../support/server-process.js';
import { installed } from '../kit/ask.js';
import type { AgentProcess, World } from '../kit/world.js';
import type { Troubles } from './troubles.js';

/** What breaks, and how it is mended. */
export interface Fault {
  readonly name: string;
  /** Resolves when it is over. */
  run(installation: Installation): Promise<void>;
}

/** What faults happen to. */
export interface Installation {
  readonly world: World;
  readonly servers: (ServerProcess | undefined)[];
  readonly agents: (AgentProcess | undefined)[];
  startAgent(index: number): Promise<void>;
  /** What can pass nothing on until it is over. */
  readonly troubles: Troubles;
  /** A number from 0 to below the bound. */
  random(bound: number): number;
}

export const DOMAINS = ['domain-one', 'domain-two'];

const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

function anyPlugin({ world, random }: Installation): number | undefined {
  const pids = world.plugins();
  return pids[random(pids.length)];
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, name);
  } catch {
    // Ended by itself meanwhile.
  }
}

export const faults: readonly Fault[] = [
  {
    name: 'plugin killed',
    run: async (installation) => signal(anyPlugin(installation), 'SIGKILL'),
  },
  {
    name: 'plugin frozen for 4 s',
    async run(installation) {
      const pid = anyPlugin(installation);
      signal(pid, 'SIGSTOP');
      await pause(4_000);
      signal(pid, 'SIGCONT');
    },
  },
  {
    name: 'failures reported',
    async run({ servers, random }) {
      const server = servers.find((one) => one !== undefined);
      if (server === undefined) return;
      const rows = (await Promise.all(DOMAINS.map((domain) => installed(server, '', domain).catch(() => [])))).flat();
      for (let report = 0; report < 5; report++) {
        const row = rows[random(rows.length)];
        if (row === undefined) return;
        const { plugin_id, version, supervisor_id, domain_id } = row;
        await server.call.send('grpc', 'notify_failure', { plugin_id, version, supervisor_id, domain_id });
      }
    },
  },
  {
    name: 'agent killed, started again after 3 s',
    async run({ agents, random, startAgent, troubles }) {
      const index = random(agents.length);
      await troubles.during(`agent ${index}`, async () => {
        await agents[index]?.kill('SIGKILL');
        await pause(3_000);
        await startAgent(index);
      });
    },
  },
  {
    name: 'agent cut off for 12 s',
    async run({ agents, random, troubles }) {
      const index = random(agents.length);
      await troubles.during(`agent ${index}`, async () => {
        agents[index]?.proxy.lose('requests', 'replies');
        await pause(12_000);
        agents[index]?.proxy.heal();
        agents[index]?.proxy.cut();
      });
    },
  },
  {
    name: 'agent frozen for 12 s',
    async run({ agents, random, troubles }) {
      const index = random(agents.length);
      await troubles.during(`agent ${index}`, async () => {
        agents[index]?.signal('SIGSTOP');
        await pause(12_000);
        agents[index]?.signal('SIGCONT');
      });
    },
  },
  {
    name: 'server killed and started again',
    async run({ world, servers, random, troubles }) {
      // The first is left alone, so that its memory can be watched.
      const index = 1 + random(servers.length - 1);
      const old = servers[index];
      if (old === undefined) return;
      servers[index] = undefined;
      await troubles.during(`server ${index}`, async () => {
        await old.kill('SIGKILL');
        servers[index] = await world.restartServer(old);
      });
    },
  },
  {
    name: 'database killed and started again',
    async run({ world, troubles }) {
      await troubles.during('database', async () => {
        await world.database.end('SIGKILL');
        await world.startDatabase();
      });
    },
  },
  {
    name: 'database frozen for 3 s',
    async run({ world, troubles }) {
      await troubles.during('database', async () => {
        world.database.child.kill('SIGSTOP');
        await pause(3_000);
        world.database.child.kill('SIGCONT');
      });
    },
  },
];
