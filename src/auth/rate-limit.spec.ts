import { expect, it } from 'vitest';
import { RateLimit } from './rate-limit.js';

it('lets a burst pass, then so many a second, and saves up no more than a burst', () => {
  let now = 0;
  const limit = new RateLimit(3, 2, () => now);
  const taken = (times: number) => Array.from({ length: times }, () => limit.take()).filter(Boolean).length;
  expect(taken(10)).toBe(3);
  now += 499;
  expect(taken(10)).toBe(0);
  now += 501;
  expect(taken(10)).toBe(2);
  now += 3_600_000;
  expect(taken(10)).toBe(3);
});
