import { createPublicKey } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgedToken, TokenIssuer, type TokenParts } from '../../test/support/token-issuer.js';
import { JwtAuthenticator, MAX_TOKEN } from './jwt-authenticator.js';
import { KeyRing } from './key-ring.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const SECOND = 1_000;
const timings = { fresh: 60 * SECOND, stale: 60 * SECOND, pause: 10 * SECOND };

let issuer: TokenIssuer;
let stranger: TokenIssuer;
beforeAll(async () => {
  Logger.overrideLogger(false);
  issuer = await TokenIssuer.create();
  stranger = await TokenIssuer.create();
});

let now: number;
let keys: string;
let lookUps: number;
let authenticator: JwtAuthenticator;
beforeEach(() => {
  now = START;
  keys = issuer.jwks;
  lookUps = 0;
  const ring = new KeyRing(
    'test',
    () => Promise.resolve(keys),
    timings,
    () => now,
  );
  const ringOf = () => {
    lookUps++;
    return ring;
  };
  authenticator = new JwtAuthenticator({ ringOf, close: () => undefined }, () => now);
});

const seconds = (offset: number) => START / SECOND + offset;
const sign = (parts: TokenParts = {}) => issuer.token(parts, START);
const identify = async (token: string | undefined) => authenticator.identify(token);

describe('believes', () => {
  it.each([
    [{ rol: 'DOMAIN_ADMIN' }, { level: 'admin', domainId: 'domain-a' }],
    [{ rol: 'WORKSPACE_MEMBER' }, { level: 'member', domainId: 'domain-a' }],
    [
      { typ: 'CLIENT_SECRET', own: 'APP', rol: 'WORKSPACE_OWNER' },
      { level: 'member', domainId: 'domain-a' },
    ],
    [
      { typ: 'SYSTEM_TOKEN', did: 'root' },
      { level: 'system', domainId: 'root' },
    ],
    [{ exp: seconds(-29) }, { expiresAt: START + SECOND }],
    [{ nbf: seconds(29) }, { level: 'admin' }],
    [{ iat: seconds(29) }, { level: 'admin' }],
  ])('%o', async (claims, identity) => {
    expect(await identify(await sign({ claims }))).toMatchObject(identity);
  });

  it('a token that names no key, where there is one', async () => {
    expect(await identify(await sign({ header: { kid: undefined } }))).toMatchObject({ level: 'admin' });
  });
});

describe('with the keys of an identity service', () => {
  let root: TokenIssuer;
  let asked: string[];
  beforeAll(async () => void (root = await TokenIssuer.create()));
  beforeEach(() => {
    asked = [];
    const ring = (key: string) =>
      new KeyRing(
        'test',
        () => Promise.resolve(key),
        timings,
        () => now,
      );
    const rings = new Map([
      ['domain-root', ring(root.identityKey)],
      ['domain-a', ring(issuer.identityKey)],
    ]);
    const ringOf = (domainId: string) => {
      asked.push(domainId);
      return rings.get(domainId) ?? ring(stranger.identityKey);
    };
    authenticator = new JwtAuthenticator({ systemDomain: 'domain-root', ringOf, close: () => undefined }, () => now);
  });

  it.each<[string, () => Promise<string>, object]>([
    ['a user, who names no key', () => issuer.realUserToken({}, START), { level: 'admin', domainId: 'domain-a' }],
    ['an app', () => issuer.realUserToken({ typ: 'CLIENT_SECRET', own: 'APP' }, START), { level: 'admin' }],
    ['a system, for ever', () => root.realSystemToken({}, START), { level: 'system', expiresAt: Infinity }],
    ['a system of no domain', () => root.realSystemToken({ did: undefined }, START), { domainId: 'domain-root' }],
    ['a system, until its end', () => root.realSystemToken({ exp: seconds(60) }, START), { expiresAt: START + 90_000 }],
    ['a user of the domain of the system', () => root.realUserToken({ did: 'domain-root' }, START), { level: 'admin' }],
  ])('believes %s', async (_, make, identity) => {
    const token = await make();
    expect(await identify(token)).toMatchObject(identity);
    // What is endless is remembered as such.
    expect(await identify(token)).toMatchObject(identity);
  });

  it.each<[string, () => Promise<string>, string]>([
    ['a system of another domain', () => issuer.realSystemToken({ did: 'domain-a' }, START), '(did, typ)'],
    ['a system that another domain has signed', () => issuer.realSystemToken({}, START), 'signature'],
    ['the same of no domain', () => issuer.realSystemToken({ did: undefined }, START), 'signature'],
    ['a system whose domain is no text', () => root.realSystemToken({ did: ['domain-root'] }, START), '(did, typ)'],
    ['a system whose end is over', () => root.realSystemToken({ exp: seconds(-31) }, START), '(exp)'],
    ['a system whose end is no time', () => root.realSystemToken({ exp: 'never' as never }, START), '(exp)'],
    ['a system of the future', () => root.realSystemToken({ iat: seconds(31) }, START), '(iat)'],
    ['a user without an end', () => issuer.realUserToken({ exp: undefined }, START), '(exp)'],
    ['a user without a domain', () => issuer.realUserToken({ did: undefined }, START), '(did)'],
    ['a user whose role is that of a system', () => issuer.realUserToken({ rol: 'SYSTEM_TOKEN' }, START), '(rol)'],
    ['a user of another domain', () => issuer.realUserToken({ did: 'domain-b' }, START), 'signature'],
    [
      'an endless user of the domain of the system',
      () => root.realUserToken({ did: 'domain-root', exp: undefined }, START),
      '(exp)',
    ],
  ])('refuses %s', async (_, make, reason) => {
    await expect(identify(await make())).rejects.toMatchObject({
      code: 'ERROR_AUTHENTICATE_FAILURE',
      message: expect.stringContaining(reason) as unknown,
    });
  });

  it('asks for no key of a domain that has no system', async () => {
    await expect(identify(await issuer.realSystemToken({ did: 'domain-a' }, START))).rejects.toThrow();
    expect(asked).toEqual([]);
  });
});

describe('refuses', () => {
  it.each([
    [{ exp: seconds(-30) }, 'expired (exp)'],
    [{ exp: undefined }, '(exp)'],
    [{ exp: 'tomorrow' as never }, '(exp)'],
    [{ nbf: seconds(31) }, '(nbf)'],
    [{ iat: seconds(31) }, '(iat)'],
    [{ iat: 'now' as never }, '(iat)'],
    [{ did: undefined }, '(did)'],
    [{ did: '' }, '(did)'],
    [{ did: ['domain-a'] }, '(did)'],
    [{ did: 'd'.repeat(256) }, '(did)'],
    [{ typ: undefined }, '(typ)'],
    [{ typ: 'REFRESH_TOKEN' }, '(typ)'],
    [{ typ: 'PLUGIN_TOKEN' }, '(typ)'],
    [{ rol: 'SYSTEM_TOKEN' }, '(rol)'],
    [{ rol: 'constructor' }, '(rol)'],
    [{ rol: ['DOMAIN_ADMIN'] }, '(rol)'],
    [{ ver: '1.0' }, '(ver)'],
  ])('the claims %o', async (claims, reason) => {
    await expect(identify(await sign({ claims }))).rejects.toMatchObject({
      code: 'ERROR_AUTHENTICATE_FAILURE',
      message: expect.stringContaining(reason) as unknown,
    });
  });

  it('what is signed with another key, or not at all', async () => {
    const claims = { did: 'domain-a', typ: 'ACCESS_TOKEN', rol: 'DOMAIN_ADMIN', exp: seconds(60) };
    const pem = createPublicKey(issuer.privateKey).export({ type: 'spki', format: 'pem' });
    const spliced = [...(await sign()).split('.').slice(0, 2), (await stranger.token()).split('.')[2]].join('.');
    const forged = {
      'another key': stranger.token({}, START),
      'an unknown kid': sign({ header: { kid: 'other' } }),
      'a kid that is a path': sign({ header: { kid: '../../../dev/null' } }),
      'a kid that is a prototype': sign({ header: { kid: '__proto__' } }),
      none: forgedToken({ alg: 'none' }, claims),
      'None, with a kid': forgedToken({ alg: 'None', kid: issuer.kid }, claims),
      'HS256 with the public key as PEM': sign({ header: { alg: 'HS256' }, key: Buffer.from(pem) }),
      'HS256 with the modulus': sign({
        header: { alg: 'HS256' },
        key: Buffer.from(issuer.publicKey.n ?? '', 'base64url'),
      }),
      'a key that it brings along': stranger.token({ header: { kid: undefined, jwk: stranger.publicKey } }, START),
      'a key elsewhere': stranger.token({ header: { kid: undefined, jku: 'http://127.0.0.1:1/' } }, START),
      'another signature': spliced,
      'no signature': forgedToken({ alg: 'RS256', kid: issuer.kid }, claims),
      'a critical extension': sign({ header: { crit: ['x'], x: 1 } }).catch(() =>
        forgedToken({ alg: 'RS256', kid: issuer.kid, crit: ['x'], x: 1 }, claims, 'x'),
      ),
    };
    for (const [name, token] of Object.entries(forged)) {
      const refusal = identify(await token);
      await expect(refusal, name).rejects.toMatchObject({ code: 'ERROR_AUTHENTICATE_FAILURE' });
    }
  });

  it.each([undefined, '', 'x', '..', '....', 'a.b.c', 'eyJhbGciOiJSUzI1NiJ9..', 'é'.repeat(9), '\0', 'null.null.null'])(
    '%j',
    async (token) => {
      await expect(identify(token)).rejects.toMatchObject({ code: 'ERROR_AUTHENTICATE_FAILURE' });
    },
  );

  it('an enormous token without looking into it', async () => {
    await expect(identify('x'.repeat(MAX_TOKEN + 1))).rejects.toMatchObject({ code: 'ERROR_AUTHENTICATE_FAILURE' });
    expect(lookUps).toBe(0);
  });

  it('to show anything of the token', async () => {
    const token = await sign({ claims: { rol: 'my-secret-role', sub: 'somebody' } });
    const error = (await identify(token).catch((reason: unknown) => reason)) as Error;
    expect(error.message).not.toMatch(/my-secret-role|somebody|ey/);
  });
});

describe('remembers what it has verified', () => {
  it('and answers at once', async () => {
    const token = await sign();
    const identity = await identify(token);
    expect(authenticator.identify(token)).toBe(identity);
    expect(lookUps).toBe(1);
  });

  it('verifying once for many who send the same', async () => {
    const token = await sign();
    await Promise.all(Array.from({ length: 20 }, () => identify(token)));
    expect(lookUps).toBe(1);
  });

  it('until it expires', async () => {
    const token = await sign({ claims: { exp: seconds(10) } });
    await identify(token);
    now = START + 39 * SECOND;
    expect(await identify(token)).toMatchObject({ level: 'admin' });
    now = START + 40 * SECOND;
    await expect(identify(token)).rejects.toThrow('(exp)');
  });

  it('until the key is withdrawn', async () => {
    const token = await sign();
    await identify(token);
    keys = stranger.jwks;
    now += timings.fresh + 1;
    await identify(token);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(identify(token)).rejects.toMatchObject({ code: 'ERROR_AUTHENTICATE_FAILURE' });
  });

  it('but not what it has refused', async () => {
    const token = await issuer.token({ claims: { nbf: seconds(60) } }, START);
    await expect(identify(token)).rejects.toThrow('(nbf)');
    now += 40 * SECOND;
    expect(await identify(token)).toMatchObject({ level: 'admin' });
  });
});

it('looks again when a domain has got another key under the same name', async () => {
  const before = await sign({ header: { kid: undefined } });
  await identify(before);
  keys = stranger.jwks;
  now += timings.pause;
  const after = await stranger.token({ header: { kid: undefined } }, START);
  expect(await identify(after)).toMatchObject({ level: 'admin' });
  await expect(identify(before)).rejects.toMatchObject({ code: 'ERROR_AUTHENTICATE_FAILURE' });
});
