import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '../../test/support/server-process.js';
import { timed } from './direct-start.js';
import { requestFor, seed, SEEDED_ENV } from './seed.js';

/** Lookups under way while a directory is filled. */
const LANES = 64;

export interface SeededServer {
  readonly server: ServerProcess;
  /** From spawn to its ready line, in milliseconds. */
  readonly startTime: number;
}

/** A server with so many installed plugins in its database, none of which it was asked for yet. */
export async function startSeeded(plugins: number): Promise<SeededServer> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-'));
  await seed(directory, plugins);
  let server: ServerProcess | undefined;
  const startTime = await timed(async () => (server = await ServerProcess.start({ directory, env: SEEDED_ENV })));
  return { server: server as unknown as ServerProcess, startTime };
}

/** Asks once for each plugin, so that all are known to the process. */
export async function warmUp({ call }: ServerProcess, plugins: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < plugins) await call.ok('grpc', 'get_plugin_endpoint', requestFor(next++));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
