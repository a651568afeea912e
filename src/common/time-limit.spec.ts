import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TimeLimit } from './time-limit.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('is aborted when the time is over', () => {
  using limit = new TimeLimit(1_000);
  vi.advanceTimersByTime(999);
  expect([limit.signal.aborted, limit.over]).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect([limit.signal.aborted, limit.over]).toEqual([true, true]);
});

it('is aborted with its parent, also with one that has been already', () => {
  const parent = new AbortController();
  using limit = new TimeLimit(1_000, parent.signal);
  parent.abort('gone');
  using late = new TimeLimit(1_000, parent.signal);
  expect([limit.signal.reason, late.signal.reason]).toEqual(['gone', 'gone']);
  vi.advanceTimersByTime(2_000);
  expect([limit.over, late.over]).toEqual([false, false]);
});

it('leaves nothing behind', () => {
  const parent = new AbortController();
  const limit = new TimeLimit(1_000, parent.signal);
  limit[Symbol.dispose]();
  parent.abort();
  expect([vi.getTimerCount(), limit.signal.aborted]).toEqual([0, false]);
});
