import { expect, it } from 'vitest';
import { Backoff } from './backoff.js';

it('doubles up to the limit, and begins anew after a success', () => {
  const backoff = new Backoff(100, 3_000, () => 0);
  expect(Array.from({ length: 7 }, () => backoff.delay())).toEqual([100, 200, 400, 800, 1_600, 3_000, 3_000]);
  backoff.reset();
  expect(backoff.delay()).toBe(100);
});

it('spreads the waits, and never goes below the shortest', () => {
  const backoff = new Backoff(100, 3_000, () => 1);
  expect(Array.from({ length: 4 }, () => backoff.delay())).toEqual([100, 100, 200, 400]);
});
