import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Transport, transports } from '../support/caller.js';
import { goodClaims, issuer, type Issuer } from '../support/jwt.js';
import { linkAnswer } from '../support/link-answer.js';
import { ServerProcess } from '../support/server-process.js';

const PLUGIN = 'plugin-aws-sns-mon-webhook';
const now = () => Math.floor(Date.now() / 1000);
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

let directory: string;
let rsa: Issuer;
let ed25519: Issuer;
let stranger: Issuer;
let server: ServerProcess;

const jwks = () => join(directory, 'jwks.json');

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-auth-'));
  [rsa, ed25519, stranger] = await Promise.all([issuer('rsa-1'), issuer('ed-1', 'EdDSA'), issuer('rsa-1')]);
  writeFileSync(jwks(), JSON.stringify({ keys: [rsa.jwk, ed25519.jwk] }));
  server = await ServerProcess.start({ env: { BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: jwks() } });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const headersOf = (transport: Transport, token: string | undefined): Record<string, string> =>
  token === undefined ? {} : transport === 'grpc' ? { token } : { authorization: `Bearer ${token}` };

const send = (
  transport: Transport,
  method: string,
  request: object,
  token?: string,
  more: Record<string, string> = {},
) => server.call.send(transport, method, request, { ...headersOf(transport, token), ...more });

const link = (token: string | undefined, domainId: string) => linkAnswer(server.grpc, token, domainId);

const refusals: [string, () => string | undefined | Promise<string>, RegExp][] = [
  ['no token', () => undefined, /there is none/],
  ['text that is no token', () => 'abc', /cannot be read/],
  [
    'a token that is not signed (alg none)',
    () => `${base64({ alg: 'none', kid: 'rsa-1' })}.${base64(goodClaims())}.`,
    /alg/,
  ],
  [
    'a token signed with the public key as a secret (HS256)',
    () => {
      const signed = `${base64({ alg: 'HS256', kid: 'rsa-1' })}.${base64(goodClaims())}`;
      return `${signed}.${createHmac('sha256', JSON.stringify(rsa.jwk)).update(signed).digest('base64url')}`;
    },
    /alg/,
  ],
  ['the key of somebody else under a known kid', () => stranger.sign(), /signature/],
  ['an unknown kid', () => rsa.sign({}, { kid: 'rsa-2' }), /kid/],
  ['a kid that is a path', () => rsa.sign({}, { kid: '../../../etc/passwd' }), /kid/],
  ['a key that comes with the token', () => stranger.sign({}, { kid: 'own', jwk: stranger.jwk }), /kid/],
  ['an expired token', () => rsa.sign({ exp: now() - 60 }), /expired/],
  ['a token without an end', () => rsa.sign({ exp: undefined }), /exp/],
  ['a token that is not valid yet', () => rsa.sign({ nbf: now() + 600 }), /nbf/],
  ['a token issued in the future', () => rsa.sign({ iat: now() + 600 }), /iat/],
  ['a token without a domain', () => rsa.sign({ did: undefined }), /did/],
  ['a token whose domain is no text', () => rsa.sign({ did: { $gt: '' } }), /did/],
  ['a token of a type that is not for calls', () => rsa.sign({ typ: 'REFRESH_TOKEN' }), /typ/],
  ['a role that nobody knows', () => rsa.sign({ rol: 'KING' }), /rol/],
  ['a claim that is unfit, changed after it was signed', async () => tampered(await rsa.sign()), /signature/],
];

function tampered(token: string): string {
  const [head, , signature] = token.split('.');
  return [head, base64({ ...goodClaims(), rol: 'SYSTEM_TOKEN', typ: 'SYSTEM_TOKEN' }), signature].join('.');
}

describe.each(refusals)('%s', (_, make, reason) => {
  it.each(transports)('is refused over %s', async (transport) => {
    const token = await make();
    const answer = await send(transport, 'list', { domain_id: 'domain-a' }, token);
    expect(answer).toMatchObject({
      status: transport === 'grpc' ? 'UNAUTHENTICATED' : 401,
      code: 'ERROR_AUTHENTICATE_FAILURE',
      message: expect.stringMatching(reason) as string,
    });
  });

  it('is refused on the link', async () => {
    expect(await link(await make(), 'domain-a')).toMatchObject({
      status: 'UNAUTHENTICATED',
      message: expect.stringMatching(reason) as string,
    });
  });
});

it.each(transports)('takes no token from where it does not belong (%s)', async (transport) => {
  const token = await rsa.sign();
  const wrong: Record<string, string> = transport === 'grpc' ? { authorization: `Bearer ${token}` } : { token };
  const { status: told } = await send(transport, 'list', {}, undefined, wrong);
  expect(told).toBe(transport === 'grpc' ? 'UNAUTHENTICATED' : 401);
});

it.each(transports)('lets in who shows a good token, of any key of the set (%s)', async (transport) => {
  for (const signer of [rsa, ed25519]) {
    const answer = await send(transport, 'list', {}, await signer.sign());
    expect(answer).toMatchObject({ status: transport === 'grpc' ? 'OK' : 200, body: { total_count: 1 } });
  }
  // 30 seconds of difference between clocks are forgiven.
  const skewed = await rsa.sign({ exp: now() - 10, iat: now() + 20 });
  expect((await send(transport, 'list', {}, skewed)).body).toBeDefined();
});

describe.each(transports)('what a token allows, over %s', (transport) => {
  const denied = transport === 'grpc' ? 'PERMISSION_DENIED' : 403;

  it('takes the domain from the token, and refuses another', async () => {
    const token = await rsa.sign({ rol: 'USER', did: 'domain-b' });
    const wish = { plugin_id: PLUGIN, version: '1.2.2' };
    const found = await send(transport, 'get_plugin_endpoint', wish, token);
    expect(found.body).toMatchObject({ endpoint: expect.stringMatching(/^grpc:/) as string, access_token: '' });
    const foreign = await send(transport, 'get_plugin_endpoint', { ...wish, domain_id: 'domain-a' }, token);
    expect(foreign).toMatchObject({ status: denied, code: 'ERROR_PERMISSION_DENIED' });
    const elsewhere = await send(transport, 'get_plugin_endpoint', wish, token, { x_domain_id: 'domain-a' });
    expect(elsewhere.status).toBe(denied);
    const header = await send(transport, 'get_plugin_endpoint', wish, token, { 'x-domain-id': 'domain-a' });
    expect(header.status).toBe(denied);
  });

  it.each(['USER', 'WORKSPACE_OWNER', 'WORKSPACE_MEMBER'])('keeps supervisors from a %s', async (rol) => {
    const token = await rsa.sign({ rol });
    for (const method of ['list', 'stat', 'get', 'enable', 'list_plugins', 'publish', 'deregister']) {
      expect(await send(transport, method, {}, token)).toMatchObject({
        status: denied,
        code: 'ERROR_PERMISSION_DENIED',
      });
    }
  });

  it('lets a system act for the domain that it names', async () => {
    const token = await rsa.sign({ typ: 'SYSTEM_TOKEN', rol: 'SYSTEM_TOKEN', did: 'domain-system' });
    const published = await send(
      transport,
      'publish',
      { name: 's', hostname: `h-${transport}`, domain_id: 'domain-c' },
      token,
    );
    expect(published.body).toMatchObject({ domain_id: 'domain-c' });
    const byHeader = await send(transport, 'get', { supervisor_id: published.body?.['supervisor_id'] }, token, {
      'x-domain-id': 'domain-c',
    });
    expect(byHeader.body).toMatchObject({ domain_id: 'domain-c' });
    const contradicting = await send(transport, 'list', { domain_id: 'domain-c' }, token, {
      'x-domain-id': 'domain-d',
    });
    expect(contradicting.status).toBe(denied);
  });

  it('answers for what belongs to another domain as for what does not exist', async () => {
    const system = await rsa.sign({ typ: 'SYSTEM_TOKEN', rol: 'SYSTEM_TOKEN' });
    const { body } = await send(transport, 'publish', { name: 's', hostname: 'own', domain_id: 'domain-e' }, system);
    const mine = String(body?.['supervisor_id']);
    const token = await rsa.sign({ did: 'domain-f' });
    for (const method of ['get', 'enable', 'disable', 'deregister', 'update']) {
      const [foreign, unknown] = await Promise.all(
        [mine, 'supervisor-000000000000'].map((supervisor_id) => send(transport, method, { supervisor_id }, token)),
      );
      expect({ ...foreign, message: foreign?.message?.replace(mine, 'ID') }).toEqual({
        ...unknown,
        message: unknown?.message?.replace('supervisor-000000000000', 'ID'),
      });
    }
  });
});

it('lets an agent in for its own domain only, and a system for any', async () => {
  const admin = await rsa.sign({ did: 'domain-a' });
  expect(await link(admin, 'domain-a')).toMatchObject({ status: 'OK' });
  expect(await link(admin, 'domain-b')).toMatchObject({ status: 'PERMISSION_DENIED' });
  expect(await link(await rsa.sign({ rol: 'USER' }), 'domain-a')).toMatchObject({ status: 'PERMISSION_DENIED' });
  const system = await rsa.sign({ typ: 'SYSTEM_TOKEN', rol: 'SYSTEM_TOKEN' });
  expect(await link(system, 'domain-g')).toMatchObject({ status: 'OK' });
});

it('streams events of the domain of the token alone, and nothing without one', async () => {
  const open = async (query: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.http}/berth/v1/event/stream${query}`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  const mine = { authorization: `Bearer ${await rsa.sign({ rol: 'USER', did: 'domain-a' })}` };
  expect(await open('?domain_id=domain-a')).toBe(401);
  expect(await open('', mine)).toBe(200);
  expect(await open('?domain_id=domain-a', mine)).toBe(200);
  expect(await open('?domain_id=domain-b', mine)).toBe(403);
  expect(await open('', { ...mine, 'x-domain-id': 'domain-b' })).toBe(403);
});

it('leaves health and readiness open: who balances load has no token', async () => {
  const ready = await fetch(`${server.http}/health/ready`);
  expect(ready.status).toBe(200);
});

it('believes a new key from the moment it is in the file, and the old one no longer', async () => {
  const next = await issuer('rsa-next');
  const before = await rsa.sign();
  expect((await send('grpc', 'list', {}, before)).body).toBeDefined();
  writeFileSync(jwks(), JSON.stringify({ keys: [next.jwk] }));
  const answerTo = async (token: string) => (await send('grpc', 'list', {}, token)).status;
  await expect.poll(async () => answerTo(await next.sign())).toBe('OK');
  expect(await answerTo(before)).toBe('UNAUTHENTICATED');
  writeFileSync(jwks(), JSON.stringify({ keys: [rsa.jwk, ed25519.jwk] }));
  await expect.poll(() => answerTo(before)).toBe('OK');
});
