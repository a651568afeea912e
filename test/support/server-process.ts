import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { packageRoot } from '../../src/config/package-root.js';
import { Caller } from './caller.js';
import { pluginPorts } from './ports.js';
import { endProgram, type Program, startProgram } from './program.js';

const script = join(packageRoot, 'dist/programs/server.cjs');

/**
 * Tests share the processors of the machine, and are not about these limits: those that are set their own, as benchmarks
 * and the fault kit go by the defaults.
 */
const patient: Record<string, string> =
  process.env['VITEST'] === undefined ? {} : { BERTH_DATABASE_TIMEOUT: '30000', BERTH_SUPERVISOR_LEASE: '60000' };

export interface ServerOptions {
  /** Reused after a restart; a fresh temporary folder where it is not given. */
  readonly directory?: string;
  /** What the catalog file holds; the project's own catalog where it is not given. */
  readonly catalog?: unknown;
  readonly env?: Record<string, string>;
}

/** A real server: `npm start` in a process of its own, on free ports. */
export class ServerProcess {
  private constructor(
    private readonly program: Program,
    readonly directory: string,
    readonly grpc: string,
    readonly http: string,
    /** Where the repository service has a port of its own. */
    readonly repository: string | undefined,
    readonly call: Caller,
  ) {}

  static async start({
    directory = mkdtempSync(join(tmpdir(), 'berth-test-')),
    catalog,
    env = {},
  }: ServerOptions = {}): Promise<ServerProcess> {
    const settings: Record<string, string> = {
      BERTH_GRPC_PORT: '0',
      BERTH_HTTP_PORT: '0',
      BERTH_DATA_DIR: join(directory, 'data'),
      BERTH_LOG_FORMAT: 'json',
      BERTH_AGENT_PORTS: pluginPorts.join('-'),
      ...patient,
      ...env,
    };
    if (catalog !== undefined) {
      settings['BERTH_CATALOG'] = join(directory, 'catalog.yaml');
      writeFileSync(settings['BERTH_CATALOG'], stringify(catalog));
    }
    const program = await startProgram(script, [], {
      env: { PATH: process.env['PATH'], HOME: directory, ...settings },
    });
    const [, grpc, http] = /gRPC (\S+), HTTP (https?:\S+)/.exec(program.line) ?? [];
    if (grpc === undefined || http === undefined) throw new Error(`No addresses in the ready line: ${program.line}`);
    const [, repository] = /Repository service: gRPC (\S+)/.exec(program.line) ?? [];
    return new ServerProcess(program, directory, grpc, http, repository, new Caller(grpc, http));
  }

  get child(): ChildProcess {
    return this.program.child;
  }

  /** What it has logged so far. */
  get log(): string {
    return this.program.errors();
  }

  /** Ends it and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.call.close();
    return endProgram(this.program, signal);
  }

  /** Ends it in good order and removes its files. */
  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    rmSync(this.directory, { recursive: true, force: true });
  }
}
