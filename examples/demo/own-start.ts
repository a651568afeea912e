import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connected } from './connection.js';
import { projectRoot } from './project.js';

/** How often it is tried whether the plugin listens, in milliseconds. */
const PAUSE = 2;

/** A plugin that does not start by then has failed, in milliseconds. */
const LIMIT = 20_000;

/**
 * Starts a plugin without Berth, as its catalog would, and ends it again.
 *
 * @returns milliseconds from its spawn until its health check answers SERVING
 */
export async function ownStart(program: string, version: string): Promise<number> {
  const port = await freePort();
  const begin = performance.now();
  const plugin = spawn(process.execPath, [program, version], {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port) },
    stdio: 'ignore',
  });
  try {
    await listening(plugin, port);
    const health = await connected(`127.0.0.1:${port}`, (connection) => connection.health());
    if (health !== 'SERVING') throw new Error(`The plugin alone is ${String(health)}.`);
    return performance.now() - begin;
  } finally {
    const ended = plugin.exitCode === null ? once(plugin, 'exit') : undefined;
    plugin.kill();
    await ended;
  }
}

async function listening(plugin: ChildProcess, port: number): Promise<void> {
  const end = performance.now() + LIMIT;
  while (!(await accepts(port))) {
    if (plugin.exitCode !== null) throw new Error(`The plugin alone ended with exit code ${plugin.exitCode}.`);
    if (performance.now() > end) throw new Error(`The plugin alone did not listen within ${LIMIT} ms.`);
    await sleep(PAUSE);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
