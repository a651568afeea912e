import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Transport, transports } from '../support/caller.js';
import { IdentityService } from '../support/identity-service.js';
import { linkAnswer } from '../support/link-answer.js';
import { ServerProcess } from '../support/server-process.js';
import { TokenIssuer } from '../support/token-issuer.js';

// Tokens and keys as Cloudforet's identity service makes them, and that service as its published package describes it.
const directory = mkdtempSync(join(tmpdir(), 'berth-identity-'));
const tokenFile = join(directory, 'token');
const identity = new IdentityService();

let root: TokenIssuer;
let domainA: TokenIssuer;
let domainB: TokenIssuer;
let server: ServerProcess;
beforeAll(async () => {
  [root, domainA, domainB] = await Promise.all([TokenIssuer.create(), TokenIssuer.create(), TokenIssuer.create()]);
  await identity.start();
  for (const [domain, issuer] of [
    ['domain-root', root],
    ['domain-a', domainA],
    ['domain-b', domainB],
  ] as const) {
    identity.keys.set(domain, issuer.identityKey);
  }
  identity.token = await root.realSystemToken();
  writeFileSync(tokenFile, `${identity.token}\n`);
  server = await ServerProcess.start({
    env: {
      ...{ BERTH_AGENT: 'none', BERTH_AUTH: 'jwt' },
      ...{ BERTH_AUTH_IDENTITY: identity.address, BERTH_AUTH_IDENTITY_TOKEN: tokenFile },
    },
  });
});
beforeEach(() => {
  identity.asked.length = 0;
});
afterAll(async () => {
  await server.stop();
  identity.stop();
  rmSync(directory, { recursive: true, force: true });
});

const headersOf = (transport: Transport, token: string, more: Record<string, string> = {}) => ({
  ...(transport === 'grpc' ? { token } : { authorization: `Bearer ${token}` }),
  ...more,
});

/** What the Supervisor API answers: OK, or the error's code and message. */
async function list(transport: Transport, token: string, request: object, more?: Record<string, string>) {
  const { code, message } = await server.call.send(transport, 'list', request, headersOf(transport, token, more));
  return code === undefined ? 'OK' : `${code} ${message}`;
}

const ofA = (claims = {}) => domainA.realUserToken({ did: 'domain-a', ...claims });

/** Who is let in as what: for the domains that are named, on every transport and on the link. */
const admitted: [string, () => Promise<string>, domains: string[], refused: string[]][] = [
  ["a user's token, which names no key", () => ofA(), ['domain-a'], ['domain-b', 'domain-root']],
  ["an app's token", () => ofA({ typ: 'CLIENT_SECRET', own: 'APP' }), ['domain-a'], ['domain-b']],
  ["a system's token, which has no end", () => root.realSystemToken(), ['domain-a', 'domain-b', 'domain-root'], []],
  ["a system's token of no domain", () => root.realSystemToken({ did: undefined }), ['domain-a', 'domain-b'], []],
  [
    "a user's token of the system's domain",
    () => root.realUserToken({ did: 'domain-root' }),
    ['domain-root'],
    ['domain-a'],
  ],
];

describe.each(admitted)('%s', (_, make, domains, refused) => {
  it.each(transports)('is let in over %s', async (transport) => {
    const token = await make();
    for (const domain_id of domains) {
      expect(await list(transport, token, { domain_id })).toBe('OK');
      const header = transport === 'grpc' ? 'x_domain_id' : 'x-domain-id';
      expect(await list(transport, token, {}, { [header]: domain_id })).toBe('OK');
    }
    for (const domain_id of refused) {
      expect(await list(transport, token, { domain_id })).toContain('ERROR_PERMISSION_DENIED');
    }
  });

  it('is let in on the link', async () => {
    const token = await make();
    for (const domain of domains) expect(await linkAnswer(server.grpc, token, domain)).toEqual({ status: 'OK' });
    for (const domain of refused) {
      expect(await linkAnswer(server.grpc, token, domain)).toMatchObject({ status: 'PERMISSION_DENIED' });
    }
  });
});

/** Who is let in nowhere, and what is said of it. */
const refusals: [string, () => Promise<string>, RegExp][] = [
  [
    "a system's token that a domain has signed for itself",
    () => domainA.realSystemToken({ did: 'domain-a' }),
    /did, typ/,
  ],
  ["a system's token that a domain has signed for all", () => domainA.realSystemToken(), /signature/],
  [
    "a system's token that a domain has signed, of no domain",
    () => domainA.realSystemToken({ did: undefined }),
    /signature/,
  ],
  ["a system's token whose end is over", () => root.realSystemToken({ exp: 1_700_000_000 }), /exp/],
  ["a user's token without an end", () => ofA({ exp: undefined }), /exp/],
  ["a user's token of another domain", () => ofA({ did: 'domain-b' }), /signature/],
  ["a user's token of no domain", () => ofA({ did: undefined }), /did/],
  ["a user's token of a domain that is unknown", () => ofA({ did: 'domain-made-up' }), /did/],
  ["a user's token that only buys others", () => ofA({ typ: 'REFRESH_TOKEN' }), /typ/],
  ["a user's token with the role of a system", () => ofA({ rol: 'SYSTEM_TOKEN' }), /rol/],
];

describe.each(refusals)('%s', (_, make, reason) => {
  it('is refused on both transports and on the link', async () => {
    const token = await make();
    for (const transport of transports) {
      const answer = await list(transport, token, { domain_id: 'domain-a' });
      expect(answer).toContain('ERROR_AUTHENTICATE_FAILURE');
      expect(answer).toMatch(reason);
    }
    expect(await linkAnswer(server.grpc, token, 'domain-a')).toMatchObject({
      status: 'UNAUTHENTICATED',
      message: expect.stringMatching(reason) as string,
    });
  });
});

it('shows the identity service its token, read again for each question, and tells callers nothing of a bad one', async () => {
  const domainC = await TokenIssuer.create();
  identity.keys.set('domain-c', domainC.identityKey);
  const token = await domainC.realUserToken({ did: 'domain-c' });
  writeFileSync(tokenFile, 'of somebody else');
  const refused = await list('grpc', token, {});
  expect(refused).toContain('ERROR_UNAVAILAVBLE');
  expect(refused).not.toContain('System Token');
  expect(server.log).toContain('Invalid System Token');
  writeFileSync(tokenFile, identity.token ?? '');
  await expect.poll(() => list('grpc', token, {})).toBe('OK');
});

it('does not start without the token that it is to show', async () => {
  const env = { BERTH_AUTH: 'jwt', BERTH_AUTH_IDENTITY: identity.address };
  await expect(
    ServerProcess.start({ env: { ...env, BERTH_AUTH_IDENTITY_TOKEN: join(directory, 'none') } }),
  ).rejects.toThrow(/token for the identity service.*ENOENT/);
});
