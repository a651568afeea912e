import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from './project.js';

/** How long the server may take to start, and to stop, in milliseconds. */
const LIMIT = 30_000;

/** A server as `npm start` starts it, in a process of its own, on free ports. */
export class BerthProcess {
  private readonly child: ChildProcess;
  private readonly log: string;

  /** @param directory where it keeps its files; also its log goes there */
  constructor(directory: string) {
    this.log = join(directory, 'berth.log');
    const log = openSync(this.log, 'w');
    // Of the environment only what any program needs: a setting of the user's must not change the story.
    const { PATH, HOME } = process.env;
    this.child = spawn(process.execPath, [join(projectRoot, 'dist/programs/server.cjs')], {
      cwd: directory,
      env: { PATH, HOME, BERTH_GRPC_PORT: '0', BERTH_HTTP_PORT: '0', BERTH_DATA_DIR: join(directory, 'data') },
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
  }

  /** The addresses in the line that it prints when it is ready. @throws Error when it ends, or takes too long */
  async ready(): Promise<{ grpc: string; http: string }> {
    const { stdout } = this.child;
    if (stdout === null) throw new Error('The server has no output.');
    const ended = once(this.child, 'exit').then(() => 'nothing: it has ended');
    const line = await within('did not become ready', Promise.race([ended, once(createInterface(stdout), 'line')]));
    const [, grpc, http] = /gRPC (\S+), HTTP (http:\S+)/.exec(String(line)) ?? [];
    if (grpc === undefined || http === undefined) throw new Error(`The server printed ${String(line)}.`);
    return { grpc, http };
  }

  /** Asks it to end, and waits until it has. @returns its exit code; null when a signal ended it */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await within('did not stop', ended);
    }
    return this.child.exitCode;
  }

  /** The end of what it logged. */
  logTail(lines = 40): string {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}

async function within<T>(complaint: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The server ${complaint} within ${LIMIT / 1_000} s.`)), LIMIT);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
