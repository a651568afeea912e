import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { request as send } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Caller } from '../support/caller.js';
import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { childOf, childrenOf, processAt } from '../support/processes.js';
import { ServerProcess } from '../support/server-process.js';
import { TokenIssuer } from '../support/token-issuer.js';

const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-a' };
const WORKERS = 2;
/** For an answer, in milliseconds: what takes longer is told as what it is before the test is over. */
const PATIENCE = 60_000;
/** For processes to start, in milliseconds. */
const SLOW = 180_000;

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ env: { BERTH_WORKERS: `${WORKERS}` } });
});
afterAll(async () => {
  const pids = workers();
  expect(await server.kill('SIGTERM')).toBe(0);
  expect(pids).toHaveLength(WORKERS);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  await server.stop();
});

/** Children of the server that serve calls. */
const workers = () => childrenOf(server.child.pid, 'worker.cjs');

/** Resolves when the server has noticed that the worker died. */
const died = (victim: number) => eventually(() => expect(server.log).toContain(`"pid":${victim},"lived_ms"`));

/** Resolves when another worker serves in the place of the one that died. */
async function replaced(victim: number): Promise<void> {
  await died(victim);
  const told = (what: RegExp) => server.log.match(what)?.length;
  await eventually(() => expect(told(/has taken the place/g)).toBe(told(/"lived_ms"/g)), SLOW);
  expect(workers()).toHaveLength(WORKERS);
}

/** Calls over connections of its own, so that any of the workers may get it, and none that has ended. */
async function ask(): Promise<string> {
  const caller = new Caller(server.grpc, server.http);
  try {
    const asked = caller.send('grpc', 'get_plugin_endpoint', request, {}, Date.now() + PATIENCE);
    const [grpc, rest] = await Promise.all([asked, askOverRest()]);
    return [...new Set([grpc.body?.['endpoint'] ?? grpc.message, rest['endpoint']])].join();
  } finally {
    caller.close();
  }
}

async function askOverRest(): Promise<Record<string, unknown>> {
  const { statusCode, body } = await send(`${server.http}/plugin/v1/plugin/get-plugin-endpoint`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    reset: true,
    headersTimeout: PATIENCE,
  });
  expect(statusCode).toBe(200);
  return (await body.json()) as Record<string, unknown>;
}

/** Asks again and again until the action is done. */
async function during(action: () => Promise<unknown>): Promise<string[]> {
  let over = false;
  const asking = (async () => {
    const answers: string[] = [];
    while (!over) {
      answers.push(await ask());
      await delay(5);
    }
    return answers;
  })();
  const [answers] = await Promise.all([asking, action().finally(() => (over = true))]);
  return answers;
}

it('has one deployment and one port for all workers, and replaces one that dies', async () => {
  expect(workers()).toHaveLength(WORKERS);
  const answers = await Promise.all(Array.from({ length: 5 * WORKERS }, ask));
  expect(new Set(answers).size).toBe(1);
  const victim = childOf(server.child.pid, 'worker.cjs');
  process.kill(victim, 'SIGKILL');
  await replaced(victim);
  expect(await Promise.all(Array.from({ length: 5 * WORKERS }, ask))).toEqual(answers);
});

it('closes the connections that a worker was handed and had not taken when it died', async () => {
  await ask();
  const victim = childOf(server.child.pid, 'worker.cjs');
  process.kill(victim, 'SIGSTOP');
  const { hostname, port } = new URL(server.http);
  const sockets = Array.from({ length: 2 * WORKERS }, () => connect(Number(port), hostname));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  process.kill(victim, 'SIGKILL');
  await died(victim);
  const answers = sockets.map(async (socket) => {
    socket.write('GET /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    return text(socket).catch(() => '');
  });
  const told = (await Promise.all(answers)).map((answer) => answer.split('\r\n')[0]);
  expect(told).toContain('HTTP/1.1 404 Not Found');
  expect(told).toContain('');
  await replaced(victim);
});

it('replaces all workers at SIGHUP, refuses no call meanwhile, and leaves the plugins alone', async () => {
  const endpoint = await ask();
  const plugin = processAt(endpoint);
  const before = workers();
  const answers = await during(async () => {
    server.child.kill('SIGHUP');
    await eventually(() => {
      expect(workers()).toHaveLength(WORKERS);
      expect(workers().filter((pid) => before.includes(pid))).toEqual([]);
    }, SLOW);
  });
  expect(new Set(answers)).toEqual(new Set([endpoint]));
  expect(processAt(endpoint)).toBe(plugin);
});

it('lets its own agent in at every worker where callers need tokens', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-test-'));
  const issuer = await TokenIssuer.create();
  const jwks = join(directory, 'jwks.json');
  writeFileSync(jwks, issuer.jwks);
  const env = { BERTH_WORKERS: `${WORKERS}`, BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: jwks };
  const closed = await ServerProcess.start({ directory, env });
  try {
    const headers = { token: await issuer.token() };
    expect(await closed.call.ok('grpc', 'get_plugin_endpoint', request, headers)).toMatchObject({
      endpoint: expect.stringMatching(/^grpc:/) as unknown,
    });
  } finally {
    await closed.stop();
  }
});

it('has what one worker is told known to all of them', async () => {
  const endpoint = await ask();
  process.kill(processAt(endpoint), 'SIGKILL');
  const [fresh] = await eventually(async () => {
    const found = new Set(await Promise.all(Array.from({ length: 5 * WORKERS }, ask)));
    expect(found.size).toBe(1);
    expect(found).not.toContain(endpoint);
    return [...found];
  });
  expect(await healthOf(String(fresh))).toBe('SERVING');
});
