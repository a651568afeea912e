import { Logger } from '@nestjs/common';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { TokenIssuer } from '../../test/support/token-issuer.js';
import { KeyRing, NoKeys } from './key-ring.js';

const timings = { fresh: 1_000, stale: 5_000, pause: 100 };

let first: TokenIssuer;
let second: TokenIssuer;
beforeAll(async () => {
  Logger.overrideLogger(false);
  first = await TokenIssuer.create('first');
  second = await TokenIssuer.create('second');
});

let now: number;
let source: () => Promise<string>;
let fetches: number;
let ring: KeyRing;
beforeEach(() => {
  now = 1_000_000;
  fetches = 0;
  source = () => Promise.resolve(first.jwks);
  const fetch = () => {
    fetches++;
    return source();
  };
  ring = new KeyRing('test', fetch, timings, () => now);
});

const find = ({ kid }: TokenIssuer) => ring.find({ alg: 'RS256', kid }, { payload: '', signature: '' });
const away = () => Promise.reject(new Error('away'));
/** Lets what goes on in the background end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('fetches once for many', async () => {
  await Promise.all([find(first), find(first), find(first)]);
  await find(first);
  expect(fetches).toBe(1);
});

it('fetches for a key that it does not know, at most once in a pause', async () => {
  await find(first);
  source = () => Promise.resolve(second.jwks);
  await expect(find(second)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  expect(fetches).toBe(1);
  now += timings.pause;
  await expect(find(second)).resolves.toMatchObject({ version: 2 });
  for (let i = 0; i < 50; i++) await expect(find(first)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  expect(fetches).toBe(2);
});

it('lets what was verified stand while the keys are the same', async () => {
  const { version } = await find(first);
  now += timings.fresh + 1;
  expect(ring.stands(version)).toBe(true);
  await settle();
  expect(fetches).toBe(2);
  expect(ring.stands(version)).toBe(true);
  source = () => Promise.resolve(second.jwks);
  now += timings.fresh + 1;
  ring.stands(version);
  await settle();
  expect(ring.stands(version)).toBe(false);
});

it('goes on with what it knows while the source is away, for a time', async () => {
  const { version } = await find(first);
  source = away;
  now += timings.fresh + timings.stale;
  expect(ring.stands(version)).toBe(true);
  await expect(find(first)).resolves.toMatchObject({ version });
  now += 1;
  expect(ring.stands(version)).toBe(false);
  await expect(find(first)).rejects.toMatchObject({ code: 'ERROR_UNAVAILAVBLE' });
  now += timings.pause;
  source = () => Promise.resolve(first.jwks);
  await expect(find(first)).resolves.toMatchObject({ version });
});

it('keeps its keys when the source answers nonsense', async () => {
  await find(first);
  source = () => Promise.resolve('{"keys":[]}');
  now += timings.pause;
  await expect(find(second)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  await expect(find(first)).resolves.toMatchObject({ version: 1 });
});

it('drops its keys at once when the source says that there are none', async () => {
  const { version } = await find(first);
  source = () => Promise.reject(new NoKeys('gone'));
  now += timings.fresh + 1;
  ring.stands(version);
  await settle();
  expect(ring.stands(version)).toBe(false);
  await expect(find(first)).rejects.toMatchObject({ code: 'ERROR_UNAVAILAVBLE' });
});

it('never tells callers where the keys come from', async () => {
  source = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1'));
  const error = (await find(first).catch((reason: unknown) => reason)) as Error;
  expect(error.message).not.toMatch(/test|10\.0\.0\.1/);
});
