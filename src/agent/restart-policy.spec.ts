import { describe, expect, it } from 'vitest';
import { RESTART_DEFAULTS, RestartPolicy } from './restart-policy.js';

const MINUTE = 60_000;

function policyAt(random = () => 0.5) {
  const time = { now: 1_000_000 };
  const policy = new RestartPolicy(RESTART_DEFAULTS, () => time.now, random);
  const fail = (readyAt?: number) => policy.onFailure({ reason: 'exited with code 1', readyAt, recoverable: true });
  return { time, policy, fail };
}

describe('RestartPolicy', () => {
  it('doubles the wait of one that never was healthy, and gives up after five restarts', () => {
    const { fail, policy, time } = policyAt();
    const delays = Array.from({ length: 5 }, () => {
      const decision = fail();
      time.now += decision.delayMs;
      return decision.delayMs;
    });
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(policy.failed).toBe(false);
    expect(fail()).toEqual({
      state: 'failed',
      delayMs: 300_000,
      reason: 'exited with code 1 (given up after 6 failures)',
    });
  });

  it('restarts one that was healthy at once, then waits', () => {
    const { fail, time } = policyAt();
    expect(fail(time.now - 5_000).delayMs).toBe(0);
    expect(fail(time.now - 5_000).delayMs).toBe(1_000);
    expect(fail().delayMs).toBe(2_000);
  });

  it('forgets failures after ten healthy minutes, and not a moment sooner', () => {
    const { fail, policy, time } = policyAt();
    fail();
    fail();
    expect(policy.restarts(time.now - 10 * MINUTE + 1)).toBe(2);
    expect(policy.restarts(time.now - 10 * MINUTE)).toBe(0);
    expect(fail(time.now - 10 * MINUTE).delayMs).toBe(0);
    expect(policy.restarts()).toBe(1);
  });

  it('does not give up on failures further apart than the window, but waits ever longer', () => {
    const { fail, time } = policyAt();
    const decisions = Array.from({ length: 20 }, () => {
      time.now += 5 * MINUTE;
      return fail(time.now - 5 * MINUTE);
    });
    expect(decisions.every(({ state }) => state === 'restart')).toBe(true);
    expect(decisions.at(-1)?.delayMs).toBe(300_000);
  });

  it('counts the failures of the last ten minutes alone, and remembers no more than the waits need', () => {
    const { fail, policy, time } = policyAt();
    const started = time.now;
    for (let count = 0; count < 5; count += 1) fail();
    time.now = started + 10 * MINUTE;
    expect(fail(time.now - MINUTE)).toMatchObject({ state: 'restart' });
    for (let count = 0; count < 100; count += 1) fail();
    expect(policy.restarts()).toBe(64);
  });

  it('varies each wait by a quarter', () => {
    expect(policyAt(() => 0).fail().delayMs).toBe(750);
    expect(policyAt(() => 1).fail().delayMs).toBe(1_250);
  });

  it('keeps trying one that was given up, at the longest wait, until it becomes ready', () => {
    const { fail, policy, time } = policyAt();
    for (let count = 0; count < 6; count += 1) fail();
    for (let count = 0; count < 5; count += 1) {
      time.now += 20 * MINUTE;
      expect(fail()).toMatchObject({ state: 'failed', delayMs: 300_000 });
    }
    time.now += 20 * MINUTE;
    expect(fail(time.now - 1_000)).toMatchObject({ state: 'restart' });
    expect(policy.failed).toBe(false);
  });

  it('gives up at once what cannot be repaired by repeating', () => {
    const { policy } = policyAt();
    const decision = policy.onFailure({ reason: 'no such command', recoverable: false });
    expect(decision).toEqual({ state: 'failed', delayMs: 300_000, reason: 'no such command' });
    expect(policy.waitMs).toBe(300_000);
  });

  it('goes on counting from what was kept', () => {
    const { fail, policy, time } = policyAt();
    fail();
    fail();
    const kept = JSON.parse(JSON.stringify(policy.state)) as typeof policy.state;
    const revived = new RestartPolicy(
      RESTART_DEFAULTS,
      () => time.now,
      () => 0.5,
      kept,
    );
    expect(revived.waitMs).toBe(2_000);
    expect(revived.onFailure({ reason: 'again', recoverable: true }).delayMs).toBe(4_000);
  });

  it('waits no longer than the longest wait when the clock is set back', () => {
    const { fail, policy, time } = policyAt();
    fail();
    time.now -= 3_600_000;
    expect(policy.waitMs).toBe(375_000);
  });

  it('starts afresh when told to', () => {
    const { fail, policy } = policyAt();
    for (let count = 0; count < 6; count += 1) fail();
    policy.reset();
    expect(policy.failed).toBe(false);
    expect(policy.waitMs).toBe(0);
    expect(fail().delayMs).toBe(1_000);
  });
});
