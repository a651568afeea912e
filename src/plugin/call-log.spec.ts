import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CallLog } from './call-log.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

it('tells each call until it is written down, and forgets what is old', () => {
  const log = new CallLog();
  log.note('a');
  vi.setSystemTime(2_000);
  log.note('b');
  const first = log.fresh();
  expect(first.calls).toEqual([
    ['a', new Date(1_000)],
    ['b', new Date(2_000)],
  ]);
  vi.setSystemTime(3_000);
  expect(log.fresh().calls).toEqual(first.calls);
  log.settle(first, 0);
  log.note('b');
  log.note('b');
  const second = log.fresh();
  expect(second.calls).toEqual([['b', new Date(3_000)]]);
  log.settle(second, 1_500);
  expect([log.last('a'), log.last('b')]).toEqual([0, 3_000]);
});
