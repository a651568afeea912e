import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How long all of it may take, in milliseconds. */
const TIME = 60_000;

/**
 * Has V8 compile what programs need for a start and a first call, by starting them: what has been run is kept (see
 * load.cjs). Where that fails programs work all the same, and start slower.
 *
 * @param {string} directory of the programs
 */
export async function compileAhead(directory) {
  const data = mkdtempSync(join(tmpdir(), 'berth-compile-'));
  try {
    await server(join(directory, 'server.cjs'), data);
    // Files that several programs have were kept by the first.
    for (const program of ['agent', 'call', 'token-key']) {
      execFileSync(process.execPath, [join(directory, `${program}.cjs`), '--help'], {
        env: environment(data),
        stdio: 'ignore',
      });
    }
  } catch (error) {
    process.stderr.write(`Programs could not be started to compile them ahead: ${error.message}\n`);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

const environment = (data) => ({
  PATH: process.env.PATH,
  HOME: data,
  BERTH_KEEP_COMPILED: 'true',
  BERTH_DATA_DIR: data,
  BERTH_GRPC_PORT: '0',
  BERTH_HTTP_PORT: '0',
  BERTH_REPOSITORY_PORT: '0',
  BERTH_LOG_LEVEL: 'error',
});

async function server(program, data) {
  const child = spawn(process.execPath, [program], {
    env: environment(data),
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: AbortSignal.timeout(TIME),
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'exit');
  const line = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data').then(String),
    ended.then(() => Promise.reject(new Error('the server ended'))),
  ]);
  const address = /HTTP (\S+)/.exec(line)?.[1];
  const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-1' };
  const answer = await fetch(`${address}/plugin/v1/plugin/get-plugin-endpoint`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(TIME),
  });
  await answer.text();
  child.kill('SIGTERM');
  await ended;
}
