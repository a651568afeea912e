import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grpcServices, repositoryServices } from '../../src/server/services.js';
import { healthOf } from '../support/plugin-health.js';
import { ServerProcess } from '../support/server-process.js';
import { TokenIssuer } from '../support/token-issuer.js';

let directory: string;
let issuer: TokenIssuer;
let server: ServerProcess;
let client: Client;
let good: string;
let system: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-attacks-'));
  issuer = await TokenIssuer.create();
  const jwks = join(directory, 'jwks.json');
  writeFileSync(jwks, issuer.jwks);
  server = await ServerProcess.start({ env: { BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: jwks } });
  client = new Client(server.grpc, credentials.createInsecure());
  [good, system] = await Promise.all([issuer.token(), issuer.systemToken()]);
});
afterAll(async () => {
  client.close();
  await server.stop();
  rmSync(directory, { recursive: true });
});

/** The status of a call whose message has no fields, of whatever kind the method is. */
function statusOf(
  { path }: Pick<MethodDefinition<unknown, unknown>, 'path'>,
  metadata = new Metadata(),
): Promise<string> {
  return new Promise((resolve) => {
    const stream = client.makeBidiStreamRequest(
      path,
      (message: Buffer) => message,
      (bytes: Buffer) => bytes,
      metadata,
      { deadline: Date.now() + 60_000 },
    );
    stream.on('data', () => undefined);
    stream.on('error', () => undefined);
    stream.on('status', ({ code }: ServiceError) => resolve(status[code] ?? String(code)));
    stream.end(Buffer.alloc(0));
  });
}

/** The answer to `list` with these headers, each as often as it is given. */
function post(headers: Record<string, string | string[]>, path = '/plugin/v1/supervisor/list', body = '{}') {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request(
      `${server.http}${path}`,
      { method: 'POST', agent: false, headers: { 'content-type': 'application/json', ...headers } },
      (response: IncomingMessage) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const metadataOf = (entries: readonly (readonly [string, string])[]): Metadata => {
  const metadata = new Metadata();
  for (const [key, value] of entries) metadata.add(key, value);
  return metadata;
};

const list = { path: '/spaceone.api.plugin.v1.Supervisor/list' };

describe('without a token', () => {
  const methods = Object.entries({ ...grpcServices, ...repositoryServices }).flatMap(([service, definition]) =>
    Object.values(definition).map(({ path }) => ({ service, path })),
  );

  it.each(methods)('$path is closed', async (method) => {
    expect(await statusOf(method)).toBe('UNAUTHENTICATED');
  });

  it.each(methods.filter(({ service }) => service.startsWith('spaceone.api.plugin.v1.')))(
    '$path is closed over REST',
    async ({ path }) => {
      const [resource = '', verb = ''] = path.slice(path.lastIndexOf('.') + 1).split('/');
      const route = `/plugin/v1/${resource.toLowerCase()}/${verb.replaceAll('_', '-')}`;
      // Whatever the body is: what it should look like is not for everybody either.
      for (const body of ['{}', '[]', '{"domain_id": 5}']) {
        expect(await post({}, route, body)).toMatchObject({
          status: 401,
          body: expect.stringContaining('ERROR_AUTHENTICATE_FAILURE') as unknown,
        });
      }
    },
  );

  it('health and the key of plugin tokens are open', async () => {
    expect(await healthOf(server.grpc)).toBe('SERVING');
    expect((await fetch(`${server.http}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${server.http}/.well-known/jwks.json`)).json()).toEqual({ keys: [] });
  });
});

describe('a token is not taken', () => {
  it('twice, whichever of the two is good', async () => {
    for (const tokens of [
      [good, 'x'],
      ['x', good],
      [good, good],
    ]) {
      expect(await statusOf(list, metadataOf(tokens.map((token) => ['token', token])))).toBe('UNAUTHENTICATED');
      const link = { path: '/berth.link.v1.SupervisorLink/connect' };
      expect(await statusOf(link, metadataOf(tokens.map((token) => ['token', token])))).toBe('UNAUTHENTICATED');
      const { status: http } = await post({ authorization: tokens.map((token) => `Bearer ${token}`) });
      expect(http).toBe(401);
    }
  });

  it.each([
    ['of another scheme', (token: string) => ({ authorization: `Basic ${token}` })],
    ['without a scheme', (token: string) => ({ authorization: token })],
    ['with something behind it', (token: string) => ({ authorization: `Bearer ${token} x` })],
    ['in a list', (token: string) => ({ authorization: `Bearer ${token},x` })],
    ['as a cookie', (token: string) => ({ cookie: `token=${token}` })],
    ['for a proxy', (token: string) => ({ 'proxy-authorization': `Bearer ${token}` })],
    ['as metadata', (token: string) => ({ token })],
  ])('%s', async (_, headers) => {
    expect((await post(headers(good))).status).toBe(401);
  });

  it('from the address', async () => {
    expect((await post({}, `/plugin/v1/supervisor/list?access_token=${good}&token=${good}`)).status).toBe(401);
  });

  it('when it is enormous, and the server goes on', async () => {
    expect((await post({ authorization: `Bearer ${'x'.repeat(9_000)}` })).status).toBe(401);
    expect((await post({ authorization: `Bearer ${'x'.repeat(100_000)}` })).status).toBe(431);
    expect(await statusOf(list, metadataOf([['token', 'x'.repeat(9_000)]]))).toBe('UNAUTHENTICATED');
    expect(await statusOf(list, metadataOf([['token', 'x'.repeat(200_000)]]))).not.toBe('OK');
    expect(await statusOf(list, metadataOf([['token', good]]))).toBe('OK');
  });
});

it('takes the scheme in any case, as HTTP has it', async () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    expect((await post({ authorization: `${scheme} ${good}` })).status).toBe(200);
  }
});

describe('another domain is not reached', () => {
  const authorization = () => `Bearer ${good}`;
  const secret = 'host-of-domain-b';
  beforeAll(async () => {
    const body = JSON.stringify({ name: 's', hostname: secret, domain_id: 'domain-b' });
    expect(await post({ authorization: `Bearer ${system}` }, '/plugin/v1/supervisor/publish', body)).toMatchObject({
      status: 200,
    });
  });

  it.each([
    ['named twice', '{"domain_id": "domain-a", "domain_id": "domain-b"}', 403],
    ['as another type', '{"domain_id": ["domain-b"]}', 400],
    ['as an operator', '{"domain_id": {"$ne": "domain-a"}}', 400],
    ['through a prototype', '{"__proto__": {"domain_id": "domain-b"}}', 400],
    ['with a blank', '{"domain_id": "domain-b "}', 403],
    ['in the case of a filter', '{"query": {"filter_or": [{"k": "domain_id", "v": "domain-b", "o": "eq"}]}}', 200],
    ['in the negation of a filter', '{"query": {"filter": [{"k": "domain_id", "v": "domain-a", "o": "not"}]}}', 200],
    ['by a search', `{"query": {"keyword": "${secret}"}}`, 200],
  ])('%s', async (_, body, told) => {
    const answer = await post({ authorization: authorization() }, undefined, body);
    expect(answer.status).toBe(told);
    expect(answer.body).not.toContain(secret);
  });

  it('by a header, one of two headers, or both of them', async () => {
    for (const domains of ['domain-b', ['domain-a', 'domain-b'], ['domain-b', 'domain-a']]) {
      for (const name of ['x-domain-id', 'x_domain_id']) {
        expect((await post({ authorization: authorization(), [name]: domains })).status).toBe(403);
        const entries = [domains].flat().map((domain) => [name, domain] as const);
        expect(await statusOf(list, metadataOf([['token', good], ...entries]))).toBe('PERMISSION_DENIED');
      }
    }
  });

  it('by a system that names two at once', async () => {
    const both = { 'x-domain-id': ['domain-a', 'domain-b'] };
    const answer = await post({ authorization: `Bearer ${system}`, ...both }, undefined, '{"domain_id": "domain-b"}');
    expect(answer.status).toBe(403);
  });
});

it('shows no token and no key in its log', async () => {
  for (const token of [good, system]) {
    const twice = [`Bearer ${token}`, `Bearer ${token}`];
    expect((await post({ authorization: `Bearer ${token}`, 'x-domain-id': 'domain-a' })).status).toBe(200);
    expect((await post({ authorization: twice })).status).toBe(401);
    expect((await post({ authorization: `Bearer ${token}` }, undefined, '{"domain_id": {}}')).status).toBe(400);
  }
  expect(server.log).not.toContain(good.split('.')[2]);
  expect(server.log).not.toContain(system.split('.')[2]);
});
