import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { basename } from 'node:path';
import { showLogOf } from './run/logs.js';

export interface Program {
  readonly child: ChildProcess;
  /** The first line that it printed. */
  readonly line: string;
  /** Everything that it has written to stderr so far. */
  errors(): string;
}

/** In milliseconds: of a start, on a machine that does a lot besides. */
const PATIENCE = 240_000;

const running = new Set<ChildProcess>();
// A test that was broken off leaves none behind: they end their own children.
process.once('exit', () => running.forEach((child) => child.kill('SIGTERM')));

/** Starts a Node.js program and waits for its first line on stdout. */
export async function startProgram(script: string, args: readonly string[], options: SpawnOptions): Promise<Program> {
  const child = spawn(process.execPath, [script, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once(
    'exit',
    showLogOf(`${basename(script)} (process ${child.pid})`, () => errors.join('')),
  );
  const line = await new Promise<string>((resolve, reject) => {
    let seen = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
      if (seen.includes('\n')) resolve(seen);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${script} ended (${code ?? signal}):\n${errors.join('')}`)));
    setTimeout(
      () => reject(new Error(`${script} was not ready in ${PATIENCE / 1000} s:\n${errors.join('')}`)),
      PATIENCE,
    ).unref();
  });
  return { child, line, errors: () => errors.join('') };
}

/** Sends the signal and waits until the program is gone. */
export async function endProgram({ child }: Program, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill(signal);
  });
}
