import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Caller } from './caller.js';

const program = join(import.meta.dirname, '../../dist/src/main.js');

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
    readonly child: ChildProcess,
    readonly directory: string,
    readonly grpc: string,
    readonly http: string,
    readonly call: Caller,
    private readonly output: string[],
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
      ...env,
    };
    if (catalog !== undefined) {
      settings['BERTH_CATALOG'] = join(directory, 'catalog.yaml');
      writeFileSync(settings['BERTH_CATALOG'], stringify(catalog));
    }
    const child = spawn(process.execPath, [program], {
      env: { PATH: process.env['PATH'], HOME: directory, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
    const ready = await new Promise<string>((resolve, reject) => {
      let seen = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        seen += text;
        if (seen.includes('\n')) resolve(seen);
      });
      child.once('exit', (code, signal) =>
        reject(new Error(`The server ended (${code ?? signal}):\n${output.join('')}`)),
      );
      setTimeout(() => reject(new Error(`The server was not ready in 30 s:\n${output.join('')}`)), 30_000).unref();
    });
    const [, grpc, http] = /gRPC (\S+), HTTP (http:\S+)/.exec(ready) ?? [];
    if (grpc === undefined || http === undefined) throw new Error(`No addresses in the ready line: ${ready}`);
    return new ServerProcess(child, directory, grpc, http, new Caller(grpc, http), output);
  }

  /** What it has logged so far. */
  get log(): string {
    return this.output.join('');
  }

  /** Ends it and waits until it is gone. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.call.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    this.child.kill(signal);
    const [code] = (await once(this.child, 'exit')) as [number | null];
    return code;
  }

  /** Ends it in good order and removes its files. */
  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    rmSync(this.directory, { recursive: true, force: true });
  }
}
