import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/package-root.js';

const FAILING_DISK = join(import.meta.dirname, 'failing-disk.js');
const MAIN = join(packageRoot, 'dist/programs/embedded-mongo.cjs');

/** A server in a process of its own. */
export interface ServerProcess {
  uri: string;
  child: ChildProcess;
  /** Ends it with a signal and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** What goes wrong: the n-th call of a function of `node:fs`, by an error code or a kill. */
export interface Fault {
  call: string;
  nth: number;
  /** How many calls in a row. Default 1. */
  times?: number;
  outcome: 'killed before' | 'killed halfway' | 'killed after' | 'EIO' | 'ENOSPC';
}

/** Starts the compiled program; what it says when it does not start is the error. */
export async function spawnServer(
  directory: string,
  port: number,
  more: string[] = [],
  fault?: Fault,
): Promise<ServerProcess> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build first`);
  const preloaded = fault ? ['--import', FAILING_DISK] : [];
  const child = spawn(process.execPath, [...preloaded, MAIN, '--data', directory, '--port', String(port), ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FAULT: JSON.stringify(fault) },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const uri = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += String(data)));
    child.stdout.once('data', (data: Buffer) => resolve(String(data).split('\n')[0] ?? ''));
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${said.trim()}`)));
  });
  return {
    uri,
    child,
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}
