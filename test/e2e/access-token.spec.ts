import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventsInfo, ParseRequest } from '../../src/generated/spaceone/api/monitoring/plugin/event.js';
import { transports } from '../support/caller.js';
import { freePort } from '../support/free-port.js';
import { healthOf } from '../support/plugin-health.js';
import { ServerProcess } from '../support/server-process.js';
import { claimsOf } from '../support/token-issuer.js';

const root = join(import.meta.dirname, '../..');
const tokenKey = join(root, 'dist/programs/token-key.cjs');
const data = JSON.parse(
  readFileSync(join(root, 'examples/plugins/plugin-aws-sns-mon-webhook/sample-alarm.json'), 'utf8'),
) as Record<string, unknown>;

const PLUGIN = 'plugin-aws-sns-mon-webhook';
const request = { plugin_id: PLUGIN, version: '1.2.2', domain_id: 'domain-a' };

/** The project's plugin, told to verify the tokens of its callers. */
function catalog(jwks: string) {
  const version = (name: string) => ({
    version: name,
    process: {
      command: ['node', `dist/examples/plugins/${PLUGIN}/main.js`, name],
      env: { BERTH_JWKS_URL: jwks },
    },
  });
  return {
    plugins: [
      { plugin_id: PLUGIN, resource_type: 'monitoring.Webhook', versions: [version('1.2.2'), version('1.2.1')] },
      // The same program by another name: it believes itself to be the first.
      { plugin_id: 'plugin-other', resource_type: 'monitoring.Webhook', versions: [version('1.2.2')] },
    ],
  };
}

/** What the plugin at the endpoint answers: OK, or the status and details of its error. */
function parse(endpoint: string, ...tokens: string[]): Promise<string> {
  const client = new Client(new URL(endpoint).host, credentials.createInsecure());
  const metadata = new Metadata();
  for (const token of tokens) metadata.add('token', token);
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/spaceone.api.monitoring.plugin.Event/parse',
      (message: ParseRequest) => Buffer.from(ParseRequest.encode(message).finish()),
      (bytes: Buffer) => EventsInfo.decode(bytes),
      { options: {}, data },
      metadata,
      { deadline: Date.now() + 60_000 },
      (error: ServiceError | null) => {
        client.close();
        resolve(error === null ? 'OK' : `${status[error.code]} ${error.details}`);
      },
    );
  });
}

let directory: string;
let server: ServerProcess;
let jwks: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-key-'));
  const key = join(directory, 'token.pem');
  await promisify(execFile)(process.execPath, [tokenKey, key]);
  const port = await freePort();
  jwks = `http://127.0.0.1:${port}/.well-known/jwks.json`;
  server = await ServerProcess.start({
    catalog: catalog(jwks),
    env: { BERTH_TOKEN_KEY: key, BERTH_HTTP_PORT: String(port) },
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

const find = async (changes: object = {}, transport = transports[0] ?? 'grpc') => {
  const { endpoint, access_token } = await server.call.ok(transport, 'get_plugin_endpoint', { ...request, ...changes });
  return { endpoint: String(endpoint), token: String(access_token) };
};

describe('the key', () => {
  it('is for its owner alone', () => {
    expect(statSync(join(directory, 'token.pem')).mode & 0o777).toBe(0o600);
  });

  it('never takes the place of another', async () => {
    const before = readFileSync(join(directory, 'token.pem'));
    const again = promisify(execFile)(process.execPath, [tokenKey, join(directory, 'token.pem')]);
    await expect(again).rejects.toMatchObject({ code: 1 });
    expect(readFileSync(join(directory, 'token.pem'))).toEqual(before);
  });

  it('is published without its secret', async () => {
    const { keys } = (await (await fetch(jwks)).json()) as { keys: object[] };
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});

describe.each(transports)('a token that comes with the endpoint over %s', (transport) => {
  it('says who may call what, for some minutes', async () => {
    const { token } = await find({}, transport);
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks)), { audience: PLUGIN });
    expect(payload).toMatchObject({ did: 'domain-a', plugin_id: PLUGIN, version: '1.2.2', generation: 1 });
    const life = (payload.exp ?? 0) * 1000 - Date.now();
    expect(life).toBeGreaterThan(4 * 60_000);
    expect(life).toBeLessThanOrEqual(10 * 60_000);
  });

  it('opens the plugin', async () => {
    const { endpoint, token } = await find({}, transport);
    expect(await parse(endpoint, token)).toBe('OK');
  });
});

it('names the domain that asked, and the generation that it was sent to', async () => {
  expect(claimsOf((await find({ domain_id: 'domain-b' })).token)).toMatchObject({ did: 'domain-b' });
  const older = { version: '1.2.1' };
  await find(older);
  const { results } = await server.call.ok('grpc', 'list_plugins', { domain_id: 'domain-a', ...older });
  const [{ supervisor_id } = {}] = results as Record<string, unknown>[];
  await server.call.ok('grpc', 'notify_failure', { ...request, ...older, supervisor_id });
  const { endpoint, token } = await find(older);
  expect(claimsOf(token)).toMatchObject({ generation: 2 });
  expect(await parse(endpoint, token)).toBe('OK');
});

it('lets nobody else in', async () => {
  const { endpoint, token } = await find();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = { ...claimsOf(token), version: '1.2.2', aud: PLUGIN, did: 'domain-root' };
  const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  const refused = [
    [],
    [''],
    ['nonsense'],
    [`${header}.${changed}.${signature}`],
    [`${unsigned}.${payload}.`],
    [token, token],
    [(await find({ version: '1.2.1' })).token],
    [(await find({ plugin_id: 'plugin-other' })).token],
  ];
  for (const tokens of refused) {
    expect(await parse(endpoint, ...tokens)).toMatch(/^UNAUTHENTICATED ERROR_AUTHENTICATE_FAILURE: /);
  }
});

it('leaves health open, and lets Berth itself ask for metadata', async () => {
  const { endpoint } = await find();
  expect(await healthOf(endpoint)).toBe('SERVING');
  const headers = { x_domain_id: 'domain-a' };
  expect(await server.call.ok('grpc', 'get_plugin_metadata', { plugin_id: PLUGIN, version: '1.2.2' }, headers)).toEqual(
    {
      metadata: expect.objectContaining({ version: '1.2.2' }) as unknown,
    },
  );
});
