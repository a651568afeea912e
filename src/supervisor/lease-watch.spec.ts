import { beforeEach, expect, it } from 'vitest';
import { LeaseWatch } from './lease-watch.js';

let now: number;
let watch: LeaseWatch;

beforeEach(() => {
  now = 1_000;
  watch = new LeaseWatch(9_000, 2_000, () => now);
});

function lookFor(ms: number): void {
  for (const end = now + ms; now < end; now += 500) watch.looked();
  watch.looked();
}

it('is trusted after a whole lease of looking', () => {
  expect(watch.trusted).toBe(false);
  lookFor(8_500);
  expect(watch.trusted).toBe(false);
  lookFor(500);
  expect(watch.trusted).toBe(true);
});

it.each(['the database was away', 'the process slept'])('begins anew after %s', () => {
  lookFor(20_000);
  now += 30_000;
  watch.looked();
  expect(watch.trusted).toBe(false);
  lookFor(9_000);
  expect(watch.trusted).toBe(true);
});

it('bears a look that took a little longer', () => {
  lookFor(10_000);
  now += 1_900;
  watch.looked();
  expect(watch.trusted).toBe(true);
});
