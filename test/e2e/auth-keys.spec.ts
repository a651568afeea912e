import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { IdentityService } from '../support/identity-service.js';
import { ServerProcess } from '../support/server-process.js';
import { TokenIssuer } from '../support/token-issuer.js';

let first: TokenIssuer;
let second: TokenIssuer;
beforeAll(async () => {
  [first, second] = await Promise.all([TokenIssuer.create('key-1'), TokenIssuer.create('key-2')]);
});

/** No call here needs an agent. */
const quick = { BERTH_AGENT: 'none' };

let server: ServerProcess;

/** What a call with the token is answered with over gRPC: its status, and its error's code. */
async function answerTo(token: string): Promise<string> {
  const { status, code } = await server.call.send('grpc', 'list', {}, { token });
  return code === undefined ? String(status) : code;
}

describe('keys of an identity service', () => {
  let identity: IdentityService;
  const tokenOf = (issuer: TokenIssuer, did: string) => issuer.token({ claims: { did }, header: { kid: undefined } });

  beforeAll(async () => {
    identity = new IdentityService();
    await identity.start();
    const env = {
      ...quick,
      BERTH_AUTH: 'jwt',
      BERTH_AUTH_IDENTITY: identity.address,
      BERTH_AUTH_SYSTEM_DOMAIN: 'domain-b',
    };
    server = await ServerProcess.start({ env });
  });
  beforeEach(() => {
    identity.asked.length = 0;
    for (const [domain, issuer] of [
      ['domain-a', first],
      ['domain-b', second],
      ['domain-c', first],
      ['domain-once-a', first],
      ['domain-once-b', second],
    ] as const) {
      identity.keys.set(domain, JSON.stringify(issuer.publicKey));
    }
  });
  afterAll(async () => {
    await server.stop();
    identity.stop();
  });

  it('are of one domain each, and asked for once', async () => {
    const [ofA, ofB] = await Promise.all([tokenOf(first, 'domain-once-a'), tokenOf(second, 'domain-once-b')]);
    for (const transport of transports) {
      for (const token of [ofA, ofB]) {
        const headers: Record<string, string> = transport === 'grpc' ? { token } : { authorization: `Bearer ${token}` };
        await server.call.ok(transport, 'list', {}, headers);
      }
    }
    expect(identity.asked.sort()).toEqual(['domain-once-a', 'domain-once-b']);
  });

  it('say nothing of another domain', async () => {
    expect(await answerTo(await tokenOf(first, 'domain-b'))).toBe('ERROR_AUTHENTICATE_FAILURE');
  });

  it('sign tokens of systems where they are those of the domain of the system alone', async () => {
    const request = { domain_id: 'domain-x' };
    const answers = await Promise.all(
      [second.realSystemToken({ did: 'domain-b' }), first.realSystemToken({ did: 'domain-a' })].map(async (token) => {
        const { status, code } = await server.call.send('grpc', 'list', request, { token: await token });
        return code ?? status;
      }),
    );
    expect(answers).toEqual(['OK', 'ERROR_AUTHENTICATE_FAILURE']);
  });

  it('are not asked for again and again for a domain that is made up', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(first, 'domain-made-up')));
    for (const token of tokens) expect(await answerTo(token)).toBe('ERROR_AUTHENTICATE_FAILURE');
    expect(identity.asked).toEqual(['domain-made-up']);
  });

  it('that are no keys make nobody anybody', async () => {
    const bad = [
      '',
      'nonsense',
      '{"kty":"oct","k":"c2VjcmV0"}',
      JSON.stringify(first.privateKey.export({ format: 'jwk' })),
    ];
    bad.forEach((key, at) => identity.keys.set(`domain-${at}`, key));
    for (const at of bad.keys()) {
      expect(await answerTo(await tokenOf(first, `domain-${at}`))).toBe('ERROR_UNAVAILAVBLE');
    }
  });

  it('serve on while the service is away, and are awaited where there are none yet', async () => {
    const known = await tokenOf(first, 'domain-a');
    expect(await answerTo(known)).toBe('OK');
    identity.stop();
    expect(await answerTo(known)).toBe('OK');
    expect(await answerTo(await first.token())).toBe('OK');
    const unknown = await tokenOf(first, 'domain-c');
    expect(await answerTo(unknown)).toBe('ERROR_UNAVAILAVBLE');
    await identity.start();
    await expect.poll(() => answerTo(unknown), { timeout: 60_000 }).toBe('OK');
  });
});

describe('keys at a URL', () => {
  let keys: string;
  let asked: number;
  let http: Server;
  let url: string;
  beforeEach(async () => {
    keys = first.jwks;
    asked = 0;
    http = createServer((request, response) => {
      asked++;
      if (request.url === '/moved') response.writeHead(302, { location: '/keys' }).end();
      else response.end(keys);
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await server.stop();
    http.closeAllConnections();
    http.close();
  });

  const start = async (path: string) => {
    server = await ServerProcess.start({ env: { ...quick, BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: `${url}${path}` } });
  };

  it('are fetched at the start, and not for each token that nobody knows', async () => {
    await start('/keys');
    expect(await answerTo(await first.token())).toBe('OK');
    expect(asked).toBe(1);
    for (let i = 0; i < 20; i++) {
      const unknown = await second.token({ header: { kid: `made-up-${i}` } });
      expect(await answerTo(unknown)).toBe('ERROR_AUTHENTICATE_FAILURE');
    }
    expect(asked).toBeLessThanOrEqual(2);
  });

  it('are fetched anew when a token names one that is new', async () => {
    await start('/keys');
    expect(await answerTo(await first.token())).toBe('OK');
    keys = JSON.stringify({ keys: [first.publicKey, second.publicKey] });
    const rotated = await second.token();
    await expect.poll(() => answerTo(rotated), { timeout: 60_000, interval: 500 }).toBe('OK');
    expect(await answerTo(await first.token())).toBe('OK');
  });

  it('are not fetched from elsewhere because the URL says so', async () => {
    await start('/moved');
    expect(await answerTo(await first.token())).toBe('ERROR_UNAVAILAVBLE');
  });
});

it.each([
  ['is not there', undefined, /ENOENT/],
  ['is no JSON', '-----BEGIN PUBLIC KEY-----', /it is not JSON/],
  ['holds secrets that both sides know', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', /it holds no RSA, EC or OKP key/],
])('does not start with a key set that %s', async (_, text, reason) => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-keys-'));
  const path = join(directory, 'keys.json');
  if (text !== undefined) writeFileSync(path, text);
  const refusal = ServerProcess.start({ directory, env: { BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: path } });
  await expect(refusal).rejects.toThrow(new RegExp(`The JWK set ${path} is not usable: .*${reason.source}`));
  rmSync(directory, { recursive: true });
});
