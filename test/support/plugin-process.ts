import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/package-root.js';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { healthOf } from './plugin-health.js';

const program = join(packageRoot, 'dist/examples/plugins/plugin-aws-sns-mon-webhook/main.js');

/** A plugin that a test runs itself. */
export class PluginProcess {
  private constructor(
    readonly endpoint: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when it serves. */
  static async start(version = '1.2.2', port?: number): Promise<PluginProcess> {
    const at = port ?? (await freePort());
    const child = spawn(process.execPath, [program, version], {
      env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(at) },
      stdio: 'ignore',
    });
    const endpoint = `grpc://127.0.0.1:${at}`;
    await eventually(async () => {
      if ((await healthOf(endpoint)) !== 'SERVING') throw new Error(`${endpoint} does not serve`);
    });
    return new PluginProcess(endpoint, child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.alive) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
