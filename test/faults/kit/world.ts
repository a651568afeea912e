import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { packageRoot } from '../../../src/config/package-root.js';
import { spawnServer, type ServerProcess as DatabaseProcess } from '../../embedded-mongo/process.js';
import { freePort } from '../../support/free-port.js';
import { processesWith } from '../../support/processes.js';
import { endProgram, type Program, startProgram } from '../../support/program.js';
import { ServerProcess } from '../../support/server-process.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { faultyCatalog } from './catalog.js';

/** An agent in a process of its own, which reaches its server through a proxy. */
export interface AgentProcess {
  readonly name: string;
  readonly pid: number;
  readonly directory: string;
  /** Between the agent and the server. */
  readonly proxy: TcpProxy;
  /** Ids of the plugin processes that it has started, and that run. */
  plugins(pluginId?: string): number[];
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

/**
 * A small installation of real processes: a database, API servers on it, agents, plugins. Everything that it has started
 * is gone when it is disposed of.
 */
export class World implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'berth-faults-'));
  readonly servers: ServerProcess[] = [];
  private readonly agents: AgentProcess[] = [];
  private readonly proxies: TcpProxy[] = [];
  private process?: DatabaseProcess;
  private starting?: Promise<void>;
  private databasePort = 0;
  private databaseProxy?: TcpProxy;

  /** Between the servers and the database. */
  get databaseRoad(): TcpProxy {
    if (this.databaseProxy === undefined) throw new Error('The database has not been started.');
    return this.databaseProxy;
  }

  get database(): DatabaseProcess {
    if (this.process === undefined) throw new Error('The database has not been started.');
    return this.process;
  }

  /** Starts the database, or starts it again on the same files and the same port. */
  async startDatabase(): Promise<void> {
    this.databasePort ||= await freePort();
    this.process = await spawnServer(join(this.directory, 'database'), this.databasePort);
    if (this.databaseProxy === undefined) {
      this.databaseProxy = await TcpProxy.open(this.databasePort);
      this.proxies.push(this.databaseProxy);
    }
  }

  /** Starts an API server on the shared database, without an agent in it. */
  async startServer(env: Record<string, string> = {}): Promise<ServerProcess> {
    await (this.starting ??= this.startDatabase());
    const directory = mkdtempSync(join(this.directory, 'server-'));
    const server = await ServerProcess.start({
      directory,
      catalog: faultyCatalog(this.directory),
      env: {
        MONGODB_URI: `mongodb://127.0.0.1:${this.databaseRoad.port}/berth?directConnection=true`,
        BERTH_AGENT: 'none',
        ...env,
      },
    });
    this.servers.push(server);
    return server;
  }

  /** Starts a server where another one was: on the same ports. */
  async restartServer(old: ServerProcess, env: Record<string, string> = {}): Promise<ServerProcess> {
    const port = (address: string) => address.slice(address.lastIndexOf(':') + 1);
    const ports = { BERTH_GRPC_PORT: port(old.grpc), BERTH_HTTP_PORT: port(old.http), BERTH_REPOSITORY_PORT: '0' };
    return this.startServer({ ...ports, ...env });
  }

  /**
   * Starts an agent, or starts it again on its files. Resolves when it is connected.
   *
   * @param name also its host name, and the value of its label `agent`
   */
  async startAgent(name: string, server: ServerProcess, flags: readonly string[] = []): Promise<AgentProcess> {
    const directory = join(this.directory, name);
    mkdirSync(directory, { recursive: true });
    const proxy = await TcpProxy.open(Number(server.grpc.split(':')[1]));
    this.proxies.push(proxy);
    const program = await startProgram(
      join(packageRoot, 'dist/programs/agent.cjs'),
      [
        ...['--server', `127.0.0.1:${proxy.port}`, '--name', name, '--hostname', name, '--domain', 'domain-faults'],
        ...['--label', `agent=${name}`, '--data', join(directory, 'data'), '--log-format', 'json'],
        ...flags,
      ],
      { env: { PATH: process.env['PATH'], HOME: directory } },
    );
    const agent = new RunningAgent(name, directory, proxy, program);
    this.agents.push(agent);
    return agent;
  }

  /** What the servers have logged, one after the other. */
  get log(): string {
    return this.servers.map(({ grpc, log }) => `== ${grpc}\n${log}`).join('\n');
  }

  /** Ids of the plugin processes that run, of all agents. */
  plugins(pluginId?: string): number[] {
    const directories = new Set(this.agents.map(({ directory }) => directory));
    return [...directories].flatMap((directory) => pluginsIn(directory, pluginId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.agents) {
      agent.signal('SIGCONT');
      await agent.kill('SIGKILL');
    }
    for (const server of this.servers) await server.kill('SIGKILL');
    if (this.process !== undefined) {
      this.process.child.kill('SIGCONT');
      await this.process.end('SIGKILL');
    }
    for (const pid of this.plugins()) killHard(pid);
    for (const proxy of this.proxies) await proxy[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A file that a scenario wants to have a place for. */
  write(name: string, content: unknown): string {
    const path = join(this.directory, name);
    writeFileSync(path, stringify(content));
    return path;
  }
}

class RunningAgent implements AgentProcess {
  constructor(
    readonly name: string,
    readonly directory: string,
    readonly proxy: TcpProxy,
    private readonly program: Program,
  ) {}

  get pid(): number {
    return this.program.child.pid ?? 0;
  }

  plugins(pluginId?: string): number[] {
    return pluginsIn(this.directory, pluginId);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    await endProgram(this.program, signal);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.program.child.kill(signal);
  }
}

/** Plugins inherit the agent's home directory, and say in their environment what they are. */
function pluginsIn(directory: string, pluginId?: string): number[] {
  const all = new Set(processesWith(`HOME=${directory}\0`));
  return processesWith(pluginId === undefined ? 'BERTH_PLUGIN_ID=' : `BERTH_PLUGIN_ID=${pluginId}\0`).filter((pid) =>
    all.has(pid),
  );
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by itself meanwhile.
  }
}
