import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CallLog } from './call-log.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

it('tells each call once, and forgets what is old', () => {
  const log = new CallLog();
  log.note('a');
  vi.setSystemTime(2_000);
  log.note('b');
  expect(log.drain(0)).toEqual([
    ['a', new Date(1_000)],
    ['b', new Date(2_000)],
  ]);
  vi.setSystemTime(3_000);
  log.note('b');
  log.note('b');
  expect(log.drain(1_500)).toEqual([['b', new Date(3_000)]]);
  expect([log.last('a'), log.last('b')]).toEqual([0, 3_000]);
});
