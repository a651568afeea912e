import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StaleCache } from './stale-cache.js';

const FRESH = 60_000;
const PAUSE = 5_000;
const PATIENCE = 200;

let cache: StaleCache<string>;
/** What the source says; an error where it is away, undefined where it says nothing. */
let said: string | Error | undefined;
let asked: number;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  [said, asked] = ['one', 0];
  const fetch = () => {
    asked++;
    if (said === undefined) return new Promise<string>(() => undefined);
    return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
  };
  const options = { freshFor: () => FRESH, pause: PAUSE, patience: PATIENCE, max: 2 };
  cache = new StaleCache(options, fetch, () => Date.now());
});
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it('asks once for all who ask at the same time, and not again while the value is fresh', async () => {
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual(['one', 'one']);
  said = 'two';
  await pass(FRESH - 1);
  expect(await cache.get('a')).toBe('one');
  expect(asked).toBe(1);
  await pass(1);
  expect(await cache.get('a')).toBe('two');
  expect(asked).toBe(2);
});

it('throws what the source throws where nothing is known, and asks again', async () => {
  said = new Error('away');
  await expect(cache.get('a')).rejects.toThrow('away');
  said = 'one';
  expect(await cache.get('a')).toBe('one');
});

it('answers the old value at once where the source is away, and leaves that alone for a while', async () => {
  await cache.get('a');
  await pass(FRESH);
  said = new Error('away');
  expect(await cache.get('a')).toBe('one');
  said = 'two';
  await pass(PAUSE - 1);
  expect(await cache.get('a')).toBe('one');
  expect(asked).toBe(2);
  await pass(1);
  expect(await cache.get('a')).toBe('two');
});

it('answers the old value soon where the source says nothing', async () => {
  await cache.get('a');
  await pass(FRESH);
  said = undefined;
  let answer: string | undefined;
  void cache.get('a').then((value) => (answer = value));
  await pass(PATIENCE - 1);
  expect(answer).toBeUndefined();
  await pass(1);
  expect(answer).toBe('one');
  // Others do not wait for it again.
  expect(await cache.get('a')).toBe('one');
  expect(asked).toBe(2);
});
