import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CallLog } from './call-log.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

it('tells each call until it is written down, and forgets what is old', () => {
  const log = new CallLog();
  const [a, b] = [log.of('a'), log.of('b')];
  log.note(a);
  vi.setSystemTime(2_000);
  log.note(b);
  const first = log.fresh();
  expect(first.calls).toEqual([
    ['a', new Date(1_000)],
    ['b', new Date(2_000)],
  ]);
  vi.setSystemTime(3_000);
  expect(log.fresh().calls).toEqual(first.calls);
  log.settle(first, 0);
  log.note(b);
  log.note(b);
  const second = log.fresh();
  expect(second.calls).toEqual([['b', new Date(3_000)]]);
  log.settle(second, 1_500);
  expect([log.last('a'), log.last('b')]).toEqual([0, 3_000]);
});

it('is told by who was there before it was forgotten', () => {
  const log = new CallLog();
  const call = log.of('a');
  log.note(call);
  expect(log.of('a')).toBe(call);
  log.settle(log.fresh(), 0);
  vi.setSystemTime(2_000);
  log.settle(log.fresh(), 1_500);
  expect([log.last('a'), log.of('a').at]).toEqual([0, 0]);
  log.note(call);
  expect([log.last('a'), log.fresh().calls]).toEqual([2_000, [['a', new Date(2_000)]]]);
});
