import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimsOf } from '../../test/support/token-issuer.js';
import { PluginTokens } from './plugin-tokens.js';
import { readTokenKey, type TokenKey } from './token-key.js';

const MINUTE = 60_000;
const subject = { domainId: 'domain-a', pluginId: 'plugin-x', version: '1.2.0', generation: 3 };
const { privateKey } = generateKeyPairSync('ed25519');

let directory: string;
let key: TokenKey;
const file = (name: string, text: string | Buffer) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-tokens-'));
  key = await readTokenKey(file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' })));
});
afterAll(() => rmSync(directory, { recursive: true }));

it('issues tokens that hold with the published key, and say who calls what', async () => {
  const tokens = new PluginTokens(key);
  const { payload, protectedHeader } = await jwtVerify(
    await tokens.issue(subject),
    createLocalJWKSet(tokens.publicKeys()),
    { issuer: 'berth', audience: 'plugin-x', algorithms: ['EdDSA'] },
  );
  expect(payload).toMatchObject({
    typ: 'PLUGIN_TOKEN',
    did: 'domain-a',
    plugin_id: 'plugin-x',
    version: '1.2.0',
    generation: 3,
  });
  expect(protectedHeader.kid).toBe(key.publicKey.kid);
});

it('publishes nothing that is secret', () => {
  expect(new PluginTokens(key).publicKeys()).toEqual({
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: expect.any(String) as unknown,
        kid: key.publicKey.kid,
        alg: 'EdDSA',
        use: 'sig',
      },
    ],
  });
});

it('hands a token out again until half of its life is over, to the same caller for the same instance', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const tokens = new PluginTokens(key, () => now);
  const [first, shared] = await Promise.all([tokens.issue(subject), tokens.issue({ ...subject })]);
  expect(shared).toBe(first);
  expect(await tokens.issue({ ...subject, domainId: 'domain-b' })).not.toBe(first);
  expect(await tokens.issue({ ...subject, generation: 4 })).not.toBe(first);
  now += 5 * MINUTE;
  expect(tokens.issue(subject)).toBe(first);
  now += 1;
  const next = await tokens.issue(subject);
  expect(next).not.toBe(first);
  expect((claimsOf(next).exp ?? 0) * 1000 - now).toBeGreaterThan(9 * MINUTE);
});

it('issues none without a key', () => {
  const tokens = new PluginTokens(undefined);
  expect(tokens.issue(subject)).toBe('');
  expect(tokens.publicKeys()).toEqual({ keys: [] });
});

it('reads the key as a JWK too', async () => {
  const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
  expect((await readTokenKey(file('key.json', jwk))).publicKey).toEqual(key.publicKey);
});

it.each([
  ['absent.pem', undefined, /absent\.pem is not usable: ENOENT/],
  ['text.pem', 'secret', /text\.pem is not usable/],
  ['cut.json', '{"d":"secret"', /cut\.json is not usable: it is not JSON/],
  ['ec.pem', ec(), /ec\.pem is not usable: it must be an Ed25519 key \(type = ec\)/],
])('refuses %s, and shows nothing of it', async (name, text, reason) => {
  const path = text === undefined ? join(directory, name) : file(name, text);
  const error = (await readTokenKey(path).catch((thrown: unknown) => thrown)) as Error;
  expect(error.message).toMatch(reason);
  expect(error.message).not.toContain('secret');
});

function ec(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
}
