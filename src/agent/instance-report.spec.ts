import { describe, expect, it } from 'vitest';
import { InstanceReport_Fault as Fault, InstanceReport_Phase as Phase } from '../generated/berth/link/v1/link.js';
import { type InstanceView, reportOf } from './instance-report.js';
import type { Launch, LaunchState } from './launch.js';
import type { RestartPolicy } from './restart-policy.js';
import type { WantedLaunch } from './wanted.js';

const key = { plugin_id: 'p', version: '1' };
const run = { kind: 'run', launch: {} as WantedLaunch } as const;
const stop = { kind: 'stop', reason: 'no longer assigned', forget: true } as const;

const policy = (changes: object = {}) =>
  ({
    ...{ failed: false, waitMs: 0, state: { reason: 'kept reason', nextStartAt: 77 } },
    restarts: (readyAt?: number) => (readyAt === undefined ? 3 : 2),
    ...changes,
  }) as unknown as RestartPolicy;

const launch = (state: LaunchState, incarnation: number, changes: Partial<Launch> = {}): Launch =>
  ({
    ...{ state, incarnation, live: ['starting', 'ready', 'ailing'].includes(state), endpoints: [], waiting: '' },
    ...changes,
  }) as Launch;

const view = (changes: Partial<InstanceView> = {}): InstanceView => ({
  ...{ key, wanted: run, active: true, launches: [], incarnation: 5, policy: policy() },
  assigned: { assigned_at: 9, generation: 4, after_incarnation: 2 },
  ...changes,
});

const death = (changes: object = {}) => ({
  ...{ reason: 'exited with code 1', recoverable: true, blameless: false, outputTail: 'tail', wasReady: true },
  fault: 'passing' as const,
  ...changes,
});

const basic = { ...key, assigned_at: 9, generation: 4, incarnation: 5, endpoints: [], restarts: 3 };

it('tells nothing of what was neither assigned nor ran, or of which nobody has said yet what it shall be', () => {
  expect(reportOf(view({ active: false, launches: [launch('ready', 5)] }))).toBeUndefined();
  expect(reportOf(view({ wanted: { kind: 'unknown' } }))).toBeUndefined();
});

it('tells that an instance waits for the one before it', () => {
  expect(reportOf(view())).toEqual({
    ...basic,
    phase: Phase.STARTING,
    reason: 'waits until the one before it has stopped',
  });
});

describe('what runs', () => {
  it('is READY at its endpoints, counting the failures that it has not outlived', () => {
    const ready = launch('ready', 4, { endpoints: ['a', 'b'], progress: { data: {}, readyAt: 1 } });
    expect(reportOf(view({ launches: [ready, launch('starting', 5)] }))).toEqual({
      ...basic,
      ...{ phase: Phase.READY, incarnation: 4, endpoints: ['a', 'b'], restarts: 2 },
    });
  });

  it('is STARTING with what it waits for, and with why the one before has died', () => {
    const starting = launch('starting', 5);
    expect(reportOf(view({ launches: [starting] }))).toEqual({ ...basic, phase: Phase.STARTING, reason: '' });
    expect(reportOf(view({ launches: [launch('starting', 5, { waiting: 'no port yet' })] }))).toMatchObject({
      reason: 'no port yet',
    });
    expect(reportOf(view({ launches: [starting], lastDeath: death() }))).toEqual({
      ...basic,
      phase: Phase.STARTING,
      reason: 'is started again; the one before: exited with code 1',
      output_tail: 'tail',
    });
    const waiting = launch('starting', 5, { waiting: 'no port yet' });
    expect(reportOf(view({ launches: [waiting], lastDeath: death({ outputTail: '' }) }))).toEqual({
      ...basic,
      phase: Phase.STARTING,
      reason: 'no port yet; the one before: exited with code 1',
    });
  });

  it('says nothing of the one before once it serves', () => {
    const ready = launch('ready', 5, { endpoints: ['a'] });
    expect(reportOf(view({ launches: [ready], lastDeath: death() }))).toEqual({
      ...basic,
      ...{ phase: Phase.READY, endpoints: ['a'] },
    });
  });

  it('is DOWN while it ails, at the endpoint that is the least bad, and is shown before what starts in its place', () => {
    const ailing = launch('ailing', 4, { endpoints: ['a'] });
    expect(reportOf(view({ launches: [ailing, launch('starting', 5)], lastDeath: death() }))).toEqual({
      ...basic,
      phase: Phase.DOWN,
      reason: 'exited with code 1',
      fault: Fault.PASSING,
      output_tail: 'tail',
      next_start_at: 77,
      endpoints: ['a'],
    });
    const both = [launch('ready', 3, { endpoints: ['b'] }), ailing];
    expect(reportOf(view({ launches: both }))).toMatchObject({ phase: Phase.READY, endpoints: ['b'] });
  });

  it('does not count where it was to be replaced, or runs no more', () => {
    const old = launch('ready', 2, { endpoints: ['a'] });
    const stopping = launch('stopping', 5, { endpoints: ['b'] });
    expect(reportOf(view({ launches: [old, stopping] }))).toMatchObject({ phase: Phase.STARTING, endpoints: [] });
  });
});

describe('what does not run', () => {
  it('is DOWN where it had served, and STARTING where it never did', () => {
    expect(reportOf(view({ lastDeath: death() }))).toEqual({
      ...basic,
      ...{ phase: Phase.DOWN, reason: 'exited with code 1', output_tail: 'tail', next_start_at: 77 },
      fault: Fault.PASSING,
    });
    expect(reportOf(view({ lastDeath: death({ wasReady: false, outputTail: '' }) }))).toEqual({
      ...basic,
      ...{ phase: Phase.STARTING, reason: 'exited with code 1', next_start_at: 77, fault: Fault.PASSING },
    });
  });

  it('is told with what was kept of its failure, where the agent itself has not seen it', () => {
    expect(reportOf(view({ policy: policy({ waitMs: 1 }) }))).toEqual({
      ...basic,
      ...{ phase: Phase.STARTING, reason: 'kept reason', next_start_at: 77, fault: Fault.PASSING },
    });
    const kept = policy({
      failed: true,
      state: { reason: 'no such image', nextStartAt: 77, fault: 'image-not-found' },
    });
    expect(reportOf(view({ policy: kept }))).toMatchObject({ phase: Phase.FAILED, fault: Fault.IMAGE_NOT_FOUND });
  });

  it('is FAILED once it is given up', () => {
    expect(reportOf(view({ policy: policy({ failed: true }), lastDeath: death() }))).toMatchObject({
      phase: Phase.FAILED,
      reason: 'exited with code 1',
      next_start_at: 77,
    });
  });
});

describe('what shall not run', () => {
  it('is DOWN while it is stopped, and STOPPED then', () => {
    const launches = [launch('ready', 5, { endpoints: ['a'] })];
    expect(reportOf(view({ wanted: stop, launches }))).toEqual({
      ...basic,
      ...{ phase: Phase.DOWN, reason: 'is being stopped: no longer assigned' },
    });
    expect(reportOf(view({ wanted: stop }))).toEqual({ ...basic, phase: Phase.STOPPED, reason: 'no longer assigned' });
  });
});
