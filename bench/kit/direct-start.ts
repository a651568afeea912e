import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { networkProbes } from '../../src/common/grpc/health-probe.js';
import { packageRoot } from '../../src/config/package-root.js';
import { freePort } from '../../test/support/free-port.js';
import type { Settings } from './scenario.js';

/** An example that serves its health. */
const PROGRAM = 'dist/examples/plugins/plugin-aws-sns-mon-webhook/main.js';
export const VERSION = '1.2.2';

/** A catalog of so many plugins, all of them that example. */
export function catalogOf(count: number) {
  return {
    plugins: Array.from({ length: count }, (_, at) => ({
      plugin_id: `plugin-${at}`,
      resource_type: 'monitoring.Webhook',
      versions: [{ version: VERSION, process: { command: ['node', PROGRAM, VERSION] } }],
    })),
  };
}

export const requestOf = (at: number) => ({ plugin_id: `plugin-${at}`, version: VERSION, domain_id: 'domain-1' });

export async function timed(action: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await action();
  return performance.now() - begin;
}

/** A plugin as a shell would start it. */
export class DirectPlugin {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<unknown>,
  ) {}

  /** Resolves when it is healthy, looking as often as an agent does. Where another program took its port, it begins anew. */
  static async start(): Promise<DirectPlugin> {
    const port = await freePort();
    const env = { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port) };
    const child = spawn(process.execPath, [join(packageRoot, PROGRAM), VERSION], { env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const probe = networkProbes(1_000)({ endpoint: '', host: '127.0.0.1', port });
    try {
      while (!(await probe.check()).serving) {
        if (child.exitCode !== null) return await DirectPlugin.start();
        await delay(5);
      }
    } finally {
      probe.close();
    }
    return new DirectPlugin(child, ended);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

interface Times {
  readonly subject: readonly number[];
  readonly baseline: readonly number[];
}

/**
 * Beside each measurement a start of the program itself, in turn.
 *
 * @param measure takes a number that it is given once, and answers with milliseconds
 */
export async function besideDirectStarts(
  { pairs, progress }: Pick<Settings, 'pairs' | 'progress'>,
  measure: (at: number) => Promise<number>,
): Promise<Times> {
  const subject: number[] = [];
  const baseline: number[] = [];
  for (let at = 0; at <= pairs; at++) {
    subject.push(await measure(at));
    let plugin: DirectPlugin | undefined;
    baseline.push(await timed(async () => (plugin = await DirectPlugin.start())));
    await plugin?.stop();
    progress(`Berth ${subject.at(-1)?.toFixed(0)} ms, directly ${baseline.at(-1)?.toFixed(0)} ms`);
  }
  // The first of each has warmed up what comes after it.
  return { subject: subject.slice(1), baseline: baseline.slice(1) };
}
