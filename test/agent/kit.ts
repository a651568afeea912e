import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AgentModule } from '../../src/agent/agent.module.js';
import type { AgentOptions } from '../../src/agent/agent-options.js';
import type { Assignment } from '../../src/generated/berth/link/v1/link.js';
import { freePort } from '../support/free-port.js';
import { pluginPorts } from '../support/ports.js';
import { ScriptedServer } from './scripted-server.js';

export const fixtures = join(import.meta.dirname, 'fixtures');
const always = ['--plugins', fixtures, '--ports', pluginPorts.join('-'), '--stop-grace', '2000'];
const compiledAgent = join(import.meta.dirname, '../../dist/programs/agent.cjs');

export interface RunningAgent {
  /** Ends it as SIGTERM would. */
  stop(): Promise<void>;
}

/** With these an agent takes nothing for dead that only has to wait for a busy machine; in milliseconds. */
const PATIENT = {
  healthTimeoutMs: 60_000,
  takeOverTimeoutMs: 60_000,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 60_000,
  welcomeTimeoutMs: 60_000,
};

/** One test's world: a scripted server, a data directory, agents; `[Symbol.asyncDispose]` leaves nothing of it. */
export class World {
  private readonly agents: { stop(): Promise<void> }[] = [];

  private constructor(
    readonly server: ScriptedServer,
    readonly data: string,
  ) {}

  static async create(): Promise<World> {
    Logger.overrideLogger(process.argv.includes('--verbose') ? ['error', 'warn', 'log'] : false);
    return new World(await new ScriptedServer().start(await freePort()), await mkdtemp(join(tmpdir(), 'berth-agent-')));
  }

  /** An agent within the test's process. */
  async agent(options: Partial<AgentOptions> = {}): Promise<RunningAgent> {
    const app = await NestFactory.createApplicationContext(
      AgentModule.forRoot({
        server: this.server.address,
        name: 'test',
        hostname: 'test-host',
        domainId: 'domain-1',
        dataDirectory: this.data,
        pluginDirectory: fixtures,
        portRange: pluginPorts,
        onExit: 'stop',
        ...options,
        timings: { ...PATIENT, stopGraceMs: 2_000, reconnectMinMs: 20, ...options.timings },
      }),
      { abortOnError: false, logger: process.argv.includes('--verbose') ? undefined : false },
    );
    let closed = false;
    const agent = {
      stop: async () => {
        if (!closed) await app.close();
        closed = true;
      },
    };
    this.agents.push(agent);
    return agent;
  }

  /** An agent as a process of its own: the compiled program, or another script that runs it. */
  spawnAgent(flags: readonly string[] = [], script = compiledAgent): ChildProcess {
    const own = ['--server', this.server.address, '--name', 'test', '--hostname', 'test-host', '--data', this.data];
    const child = spawn(process.execPath, [script, ...own, ...always, ...flags], {
      stdio: process.argv.includes('--verbose') ? 'inherit' : 'ignore',
    });
    this.agents.push({ stop: () => endOf(child, 'SIGKILL') });
    return child;
  }

  /** Pids of all that this data directory's agents have started, descendants too. */
  processes(): number[] {
    return processesWith('BERTH_AGENT_ID', readFileSync(join(this.data, 'agent/id'), 'utf8').trim());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.agents) await agent.stop();
    try {
      for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    } catch {
      // The agent never got as far as having an identity.
    }
    this.server.stop();
    await rm(this.data, { recursive: true, force: true });
  }
}

/** Ends a process and waits for it. */
export async function endOf(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (signal) child.kill(signal);
  await exited;
}

/** An assignment of the fixture plugin. */
export function assignment(env: Record<string, string> = {}, more: Partial<Assignment> = {}): Assignment {
  return {
    plugin_id: 'plugin-a',
    version: '1.0.0',
    generation: 1,
    after_incarnation: 0,
    domain_id: 'domain-1',
    process: { command: ['node', 'plugin.mjs'], working_directory: '.', env },
    ...more,
  };
}

/** Pids of the running processes that were started with `name=value`. */
export function processesWith(name: string, value: string): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.filter((pid) => environmentOf(pid).includes(`${name}=${value}`) && isAlive(pid)).map(Number);
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function isAlive(pid: string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
