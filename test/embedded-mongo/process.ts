import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/package-root.js';

const MAIN = join(packageRoot, 'dist/src/embedded-mongo/main.js');

/** A server in a process of its own. */
export interface ServerProcess {
  uri: string;
  child: ChildProcess;
  /** Ends it with a signal and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the compiled program; what it says when it does not start is the error. */
export async function spawnServer(directory: string, port: number, more: string[] = []): Promise<ServerProcess> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build first`);
  const child = spawn(process.execPath, [MAIN, '--data', directory, '--port', String(port), ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
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
