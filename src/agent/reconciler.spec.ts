import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { assigned, ReconcilerRoom } from './agent-kit.js';
import { DriverError } from './drivers/driver-error.js';
import { settle } from './fake-clock.js';
import { Semaphore } from '../common/semaphore.js';

beforeAll(() => Logger.overrideLogger(false));

async function running(generation = 1, assigned_at = 0) {
  const room = new ReconcilerRoom();
  const reconciler = await room.open();
  reconciler.apply({ snapshot: true, assigned: [assigned({ generation, assigned_at })] });
  await settle();
  expect(room.phases()).toEqual(['STARTING#1', 'READY#1']);
  return { room, reconciler };
}

describe('Reconciler', () => {
  it('starts what is assigned, once, however often it is told', async () => {
    const { room, reconciler } = await running();
    for (let count = 0; count < 10; count += 1) reconciler.apply({ assigned: [assigned()] });
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    expect(room.driver.calls).toEqual(['start p@1#1']);
    expect(room.phases()).toEqual([]);
  });

  it('has the intent on disk before it starts anything', async () => {
    const room = new ReconcilerRoom();
    const reconciler = await room.open();
    room.diskFull = true;
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    expect(room.driver.running.size).toBe(0);
    expect(room.reports.at(-1)).toMatchObject({
      phase: 'STARTING',
      reason: expect.stringContaining('ENOSPC') as string,
    });
    room.diskFull = false;
    await room.clock.advance(1_000);
    expect(room.disk.get('p@1')?.launches).toHaveLength(1);
    expect(room.driver.running.size).toBe(1);
  });

  it('starts nothing that was removed while its intent was being written', async () => {
    const room = new ReconcilerRoom();
    const reconciler = await room.open();
    let written = (): void => undefined;
    room.writing = new Promise((resolve) => (written = resolve));
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    reconciler.apply({ removed: [{ plugin_id: 'p', version: '1' }] });
    await settle();
    written();
    await settle();
    expect(room.driver.calls).toEqual(['stop p@1#1']);
    expect(room.phases().at(-1)).toBe('STOPPED#1');
  });

  it.each([0, 50, 400, 2_000, 30_000])('notices within 5 ms or 3 %% that a start has taken %i ms', async (took) => {
    const room = new ReconcilerRoom();
    room.health = { serving: false, reason: 'nothing listens' };
    const reconciler = await room.open();
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await room.clock.advance(took);
    room.health = { serving: true };
    await room.clock.advance(Math.max(5, took * 0.03));
    expect(room.phases().at(-1)).toBe('READY#1');
  });

  it('begins above the incarnation that the server names', async () => {
    const room = new ReconcilerRoom();
    const reconciler = await room.open();
    reconciler.apply({ snapshot: true, assigned: [assigned({ generation: 3, after_incarnation: 41 })] });
    await settle();
    expect(room.phases()).toEqual(['STARTING#42', 'READY#42']);
  });

  it('restarts one that died at once, then ever later, then gives it up', async () => {
    const { room } = await running();
    room.driver.exit(1);
    await settle();
    expect(room.phases()).toEqual(['DOWN#1', 'STARTING#2', 'READY#2']);
    room.driver.exit(2);
    await settle();
    expect(room.reports.at(-1)).toMatchObject({ phase: 'DOWN', next_start_at: room.clock.now() + 1_000, restarts: 2 });
    await room.clock.advance(999);
    expect(room.phases()).toEqual(['DOWN#2']);
    await room.clock.advance(1);
    expect(room.phases()).toEqual(['STARTING#3', 'READY#3']);
    for (const [incarnation, wait] of [
      [3, 2_000],
      [4, 4_000],
      [5, 8_000],
    ] as const) {
      room.driver.exit(incarnation);
      await room.clock.advance(wait);
    }
    room.phases();
    room.driver.exit(6);
    await settle();
    expect(room.reports.at(-1)).toMatchObject({ phase: 'FAILED', restarts: 6, incarnation: 6 });
    await room.clock.advance(299_999);
    expect(room.phases()).toEqual(['FAILED#6']);
    await room.clock.advance(1);
    expect(room.phases()).toEqual(['STARTING#7', 'READY#7']);
  });

  it('tries one that was given up at once for a newer generation, and counts afresh', async () => {
    const { room, reconciler } = await running();
    room.driver.failNext = new DriverError('no such command', false);
    room.driver.exit(1);
    await settle();
    expect(room.phases()).toEqual(['DOWN#1', 'STARTING#2', 'FAILED#2']);
    reconciler.apply({ assigned: [assigned({ generation: 2, after_incarnation: 2 })] });
    await settle();
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', incarnation: 3, generation: 2, restarts: 0 });
  });

  it.each([
    [new DriverError('no such image', false, { fault: 'image-not-found' }), 'IMAGE_NOT_FOUND'],
    [new DriverError('not allowed', false), 'LASTING'],
    [new DriverError('no room', true), 'PASSING'],
    [new Error('a defect') as DriverError, 'PASSING'],
  ])('tells what kind of fault it is: %s', async (error, fault) => {
    const room = new ReconcilerRoom();
    const reconciler = await room.open();
    room.driver.failNext = error;
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    expect(room.reports.find(({ reason }) => reason === error.message)).toMatchObject({ fault });
  });

  it('starts at once what it could not start before it was told how', async () => {
    const room = new ReconcilerRoom();
    const reconciler = await room.open();
    room.driver.failNext = new DriverError('the catalog does not say how', false);
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    expect(room.phases()).toEqual(['STARTING#1', 'FAILED#1']);
    reconciler.apply({ assigned: [assigned({ process: { command: ['node'] } })] });
    await settle();
    expect(room.phases()).toEqual(['STARTING#2', 'READY#2']);
  });

  it('does not let newer generations cut the waits of a crash loop short', async () => {
    const { room, reconciler } = await running();
    room.driver.exit(1);
    await settle();
    room.driver.exit(2);
    await settle();
    room.phases();
    reconciler.apply({ assigned: [assigned({ generation: 2, after_incarnation: 2 })] });
    await room.clock.advance(999);
    expect(room.driver.running.size).toBe(0);
    await room.clock.advance(1);
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', incarnation: 3, generation: 2, restarts: 2 });
  });

  it('repeats at once, uncounted, what failed through no fault of its own, but not for ever', async () => {
    const { room } = await running();
    const exit = { reason: 'its port was taken', blameless: true };
    for (const incarnation of [1, 2, 3]) {
      room.health = { serving: false, reason: 'not yet' };
      room.driver.exit(incarnation, exit);
      await settle();
      expect(room.reports.at(-1)).toMatchObject({ phase: 'STARTING', incarnation: incarnation + 1, restarts: 0 });
    }
    room.driver.exit(4, exit);
    await settle();
    expect(room.reports.at(-1)).toMatchObject({
      phase: 'STARTING',
      restarts: 1,
      next_start_at: room.clock.now() + 1_000,
    });
  });

  it('starts the replacement first, and stops the old one when the new one is ready', async () => {
    const { room, reconciler } = await running();
    room.health = { serving: false, reason: 'not yet' };
    reconciler.apply({ assigned: [assigned({ generation: 2, after_incarnation: 1 })] });
    await settle();
    expect(room.driver.calls).toEqual(['start p@1#1', 'start p@1#2']);
    expect(room.reports.at(-1)).toMatchObject({ phase: 'STARTING', generation: 2, incarnation: 2, endpoints: [] });
    room.health = { serving: true };
    await room.clock.advance(10);
    expect(room.driver.calls).toEqual(['start p@1#1', 'start p@1#2', 'stop p@1#1']);
    expect([...room.driver.running.values()].map(({ spec }) => spec.incarnation)).toEqual([2]);
  });

  it('stops the old one first where the driver cannot run both', async () => {
    const { room, reconciler } = await running();
    room.driver.overlaps = false;
    reconciler.apply({ assigned: [assigned({ generation: 2, after_incarnation: 1 })] });
    await settle();
    expect(room.driver.calls).toEqual(['start p@1#1', 'stop p@1#1', 'start p@1#2']);
    expect(room.phases()).toEqual(['STARTING#1', 'STARTING#2', 'READY#2']);
  });

  it('does not count the end of an instance that is being replaced', async () => {
    const { room, reconciler } = await running();
    room.health = { serving: false, reason: 'not yet' };
    reconciler.apply({ assigned: [assigned({ generation: 2, after_incarnation: 1 })] });
    await settle();
    room.driver.exit(1);
    room.health = { serving: true };
    await room.clock.advance(10);
    expect(room.phases()).toEqual(['STARTING#2', 'READY#2']);
    expect(room.reports).toEqual([]);
  });

  it('abandons a start that nobody wants any more', async () => {
    const { room, reconciler } = await running();
    room.health = { serving: false, reason: 'not yet' };
    reconciler.apply({ assigned: [assigned({ generation: 2, after_incarnation: 1 })] });
    await settle();
    reconciler.apply({ assigned: [assigned({ generation: 3, after_incarnation: 2 })] });
    await settle();
    expect(room.driver.calls.slice(1)).toEqual(['start p@1#2', 'stop p@1#2', 'start p@1#3']);
    reconciler.apply({ removed: [{ plugin_id: 'p', version: '1' }] });
    await settle();
    expect(room.driver.running.size).toBe(0);
    expect(room.phases().at(-1)).toBe('STOPPED#3');
  });

  it('starts again what is assigned anew while it stops, and gives no incarnation twice', async () => {
    const { room, reconciler } = await running();
    let letStop = (): void => undefined;
    room.driver.stopping = new Promise((resolve) => (letStop = resolve));
    reconciler.apply({ snapshot: true, assigned: [] });
    await settle();
    expect(room.reports.at(-1)).toMatchObject({ phase: 'DOWN', endpoints: [] });
    reconciler.apply({ assigned: [assigned()] });
    await settle();
    letStop();
    await settle();
    expect([...room.driver.running.values()].map(({ spec }) => spec.incarnation)).toEqual([2]);
    expect(room.phases().at(-1)).toBe('READY#2');
  });

  it('lets only so many start at a time, and a slow one not for ever', async () => {
    const room = new ReconcilerRoom();
    room.slots = new Semaphore(1);
    room.health = { serving: false, reason: 'slow' };
    const reconciler = await room.open();
    const keys = ['a', 'b'].map((plugin_id) => assigned({ plugin_id }));
    reconciler.apply({ snapshot: true, assigned: keys });
    await room.clock.advance(4_999);
    expect(room.driver.calls).toEqual(['start a@1#1']);
    await room.clock.advance(10);
    expect(room.driver.calls).toEqual(['start a@1#1', 'start b@1#1']);
  });

  it('tells what a long start waits for', async () => {
    const room = new ReconcilerRoom();
    const reconciler = await room.open();
    let there: () => void = () => undefined;
    room.driver.starting = new Promise((resolve) => (there = resolve));
    reconciler.apply({ assigned: [assigned()] });
    await settle();
    room.driver.tellProgress('pulls its image');
    await room.clock.advance(1_000);
    room.driver.tellProgress('Unschedulable: no node has room');
    await settle();
    expect(reconciler.reports()).toEqual([
      expect.objectContaining({ phase: 'STARTING', reason: 'Unschedulable: no node has room' }),
    ]);
    there();
    await settle();
    room.driver.tellProgress('too late to be of interest');
    await settle();
    expect(reconciler.reports()).toEqual([expect.objectContaining({ phase: 'READY' })]);
  });

  it('counts three failed checks in a row as down, and kills what hangs when another one serves', async () => {
    const { room } = await running();
    room.health = { serving: false, reason: 'its health check answers DEADLINE_EXCEEDED' };
    await room.clock.advance(4_000);
    expect(room.phases()).toEqual([]);
    room.health = { serving: true };
    await room.clock.advance(2_000);
    room.health = { serving: false, reason: 'its health check answers DEADLINE_EXCEEDED' };
    await room.clock.advance(6_000);
    const down = room.reports.find(({ phase }) => phase === 'DOWN');
    expect(down).toMatchObject({
      reason: 'failed 3 health checks in a row: its health check answers DEADLINE_EXCEEDED',
      endpoints: ['grpc://10.0.0.1:20001'],
      incarnation: 1,
    });
    expect(room.driver.calls).toEqual(['start p@1#1', 'start p@1#2']);
    room.health = { serving: true };
    await room.clock.advance(1_000);
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', incarnation: 2 });
    expect(room.driver.calls).toEqual(['start p@1#1', 'start p@1#2', 'kill p@1#1']);
  });

  it('hands out nothing of what is known to be dead', async () => {
    const { room } = await running();
    room.health = { serving: false, reason: 'nothing listens on port 20001', gone: true };
    await room.clock.advance(6_000);
    expect(room.reports.find(({ phase }) => phase === 'DOWN')).toMatchObject({ endpoints: [] });
    expect(room.driver.calls).toEqual(['start p@1#1', 'kill p@1#1', 'start p@1#2']);
  });

  it('tells when what is ailing dies before another one serves, and counts it once', async () => {
    const { room } = await running();
    room.health = { serving: false, reason: 'overloaded' };
    await room.clock.advance(6_000);
    room.driver.exit(1);
    await settle();
    expect(room.reports.at(-1)).toMatchObject({ phase: 'STARTING', endpoints: [], restarts: 1 });
    room.health = { serving: true };
    await room.clock.advance(1_000);
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', incarnation: 2, restarts: 1 });
  });

  it('kills a start that is not ready in time, with what it printed', async () => {
    const room = new ReconcilerRoom();
    room.health = { serving: false, reason: 'nothing listens' };
    room.driver.output = 'still loading';
    const reconciler = await room.open();
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await room.clock.advance(60_000);
    expect(room.reports.at(-1)).toMatchObject({
      phase: 'STARTING',
      reason: 'was not ready within 60 s: nothing listens',
      output_tail: 'still loading',
      restarts: 1,
    });
    expect(room.driver.calls).toEqual(['start p@1#1', 'kill p@1#1']);
  });

  it('tells why the one before has died until the next one serves', async () => {
    const room = new ReconcilerRoom();
    room.health = { serving: false, reason: 'nobody answers' };
    const reconciler = await room.open();
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    room.driver.output = 'boom';
    room.driver.exit(1);
    await settle();
    room.driver.output = '';
    while (room.driver.running.size === 0) await room.clock.advance(100);
    expect(room.reports.at(-1)).toMatchObject({
      phase: 'STARTING',
      incarnation: 2,
      reason: expect.stringContaining('exited with code 1') as string,
      output_tail: 'boom',
    });
    room.health = { serving: true };
    await room.clock.advance(1_000);
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', reason: undefined, output_tail: undefined });
  });

  it('answers a removal however often it is asked for', async () => {
    const { room, reconciler } = await running();
    const removal = { removed: [{ plugin_id: 'p', version: '1' }] };
    reconciler.apply(removal);
    await settle();
    expect(room.phases().at(-1)).toBe('STOPPED#1');
    reconciler.apply(removal);
    expect(room.phases()).toEqual(['STOPPED#0']);
  });

  it('drops a bad replica alone, and is down when the last is bad', async () => {
    const room = new ReconcilerRoom();
    room.driver.replicas = 2;
    const reconciler = await room.open();
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    expect(room.reports.at(-1)?.endpoints).toHaveLength(2);
    const [bad, good] = room.reports.at(-1)?.endpoints ?? [];
    room.healthOf = (endpoint) => (endpoint === bad ? { serving: false, reason: 'gone' } : { serving: true });
    await room.clock.advance(6_000);
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', endpoints: [good] });
    room.healthOf = () => ({ serving: true });
    await room.clock.advance(2_000);
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', endpoints: [bad, good] });
    room.healthOf = () => ({ serving: false, reason: 'gone' });
    await room.clock.advance(6_000);
    expect(room.reports.some(({ phase }) => phase === 'DOWN')).toBe(true);
  });

  it('begins anew with what was removed and is assigned again, while the one before is still being stopped', async () => {
    const { room, reconciler } = await running(3, 1);
    room.driver.stopping = new Promise(() => undefined);
    reconciler.apply({ removed: [{ plugin_id: 'p', version: '1' }] });
    await settle();
    reconciler.apply({ assigned: [assigned({ assigned_at: 2 })] });
    await settle();
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', incarnation: 2, generation: 1, assigned_at: 2 });
    expect(room.driver.calls).toEqual(['start p@1#1', 'stop p@1#1', 'start p@1#2']);
  });

  it('ignores an assignment without a name', async () => {
    const { room, reconciler } = await running();
    reconciler.apply({ assigned: [{ version: '1', generation: 9 }] });
    await settle();
    expect(room.phases()).toEqual([]);
  });
});

describe('Reconciler, after a restart of the agent', () => {
  it('takes over what runs, and starts it no second time', async () => {
    const { room, reconciler } = await running(4);
    await reconciler.close();
    const next = await room.open();
    expect(next.reports()).toEqual([expect.objectContaining({ phase: 'READY', incarnation: 1, generation: 4 })]);
    next.apply({ snapshot: true, assigned: [assigned({ generation: 4 })] });
    next.apply({ assigned: [assigned({ generation: 3, after_incarnation: 1 })] });
    await settle();
    expect(room.driver.calls).toEqual(['start p@1#1']);
  });

  it('replaces what was removed and assigned again meanwhile', async () => {
    const { room, reconciler } = await running(4, 1);
    await reconciler.close();
    const next = await room.open();
    next.apply({ snapshot: true, assigned: [assigned({ assigned_at: 2 })] });
    await settle();
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', incarnation: 2, generation: 1, assigned_at: 2 });
    expect(room.disk.get('p@1')).toMatchObject({ generation: 1, assigned_at: 2 });
    next.apply({ assigned: [assigned({ assigned_at: 1, generation: 9, after_incarnation: 2 })] });
    await settle();
    expect(room.driver.calls).toEqual(['start p@1#1', 'start p@1#2', 'stop p@1#1']);
  });

  it('leaves what has died for the server to decide, then goes on counting', async () => {
    const { room, reconciler } = await running();
    await reconciler.close();
    room.driver.running.clear();
    const next = await room.open();
    expect(next.reports()).toEqual([expect.objectContaining({ phase: 'DOWN', incarnation: 1, restarts: 1 })]);
    await room.clock.advance(60_000);
    expect(room.driver.running.size).toBe(0);
    next.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    expect(room.reports.at(-1)).toMatchObject({ phase: 'READY', incarnation: 2, restarts: 1 });
  });

  it('counts no death twice that it was still clearing away', async () => {
    const { room, reconciler } = await running();
    room.driver.stopping = new Promise(() => undefined);
    room.driver.exit(1);
    await settle();
    expect(room.disk.get('p@1')?.launches.map(({ incarnation }) => incarnation)).toEqual([2]);
    await reconciler.close();
    room.driver.stopping = undefined;
    const next = await room.open();
    expect(next.reports()).toEqual([expect.objectContaining({ phase: 'READY', incarnation: 2, restarts: 1 })]);
  });

  it('does not count the end of what was being replaced', async () => {
    const { room, reconciler } = await running();
    room.health = { serving: false, reason: 'not yet' };
    reconciler.apply({ assigned: [assigned({ generation: 2, after_incarnation: 1 })] });
    await settle();
    await reconciler.close();
    room.driver.exit(1);
    room.health = { serving: true };
    const next = await room.open();
    expect(next.reports()).toEqual([
      expect.objectContaining({ phase: 'READY', incarnation: 2, generation: 2, restarts: 0 }),
    ]);
  });

  it('tells of a wait that its predecessor had begun, and keeps to it', async () => {
    const { room, reconciler } = await running();
    room.driver.exit(1);
    await settle();
    room.driver.exit(2);
    await settle();
    const due = room.clock.now() + 1_000;
    await reconciler.close();
    const next = await room.open();
    expect(next.reports()).toEqual([expect.objectContaining({ next_start_at: due, restarts: 2 })]);
    next.apply({ snapshot: true, assigned: [assigned()] });
    await room.clock.advance(999);
    expect(room.driver.running.size).toBe(0);
    await room.clock.advance(1);
    expect(room.driver.running.size).toBe(1);
  });

  it('keeps one that was given up so', async () => {
    const { room, reconciler } = await running();
    room.driver.failNext = new DriverError('no such command', false);
    room.driver.exit(1);
    await settle();
    await reconciler.close();
    const next = await room.open();
    const told = { phase: 'FAILED', reason: 'no such command', fault: 'LASTING' };
    expect(next.reports()).toEqual([expect.objectContaining(told)]);
    next.apply({ snapshot: true, assigned: [assigned()] });
    await room.clock.advance(299_000);
    expect(room.driver.running.size).toBe(0);
  });

  it('ends what carries its mark and belongs to nothing, and takes over what has lost its handle', async () => {
    const { room, reconciler } = await running();
    await reconciler.close();
    room.disk.clear();
    room.lost.add('p@1');
    const next = await room.open();
    expect(next.reports()).toEqual([expect.objectContaining({ phase: 'READY', incarnation: 1 })]);
    await next.close();
    room.disk.clear();
    room.lost.clear();
    expect((await room.open()).reports()).toEqual([]);
    expect(room.driver.running.size).toBe(0);
  });

  it('waits for an engine that is away, and takes over what it finds there then', async () => {
    const { room } = await running();
    room.driver.failList = new DriverError('the engine does not answer', true);
    const opening = room.open();
    await room.clock.advance(5_000);
    room.driver.failList = undefined;
    await room.clock.advance(1_000);
    const reconciler = await opening;
    reconciler.apply({ snapshot: true, assigned: [assigned()] });
    await settle();
    expect(room.driver.calls).toEqual(['start p@1#1']);
    room.driver.failList = new DriverError('may not list', false);
    await expect(room.open()).rejects.toThrow('may not list');
  });

  it('gives no incarnation twice, even to what was removed meanwhile', async () => {
    const { room, reconciler } = await running();
    reconciler.apply({ snapshot: true, assigned: [] });
    await settle();
    await reconciler.close();
    const next = await room.open();
    room.phases();
    next.apply({ snapshot: true, assigned: [] });
    await settle();
    expect(room.phases()).toEqual([]);
    next.apply({ assigned: [assigned()] });
    await settle();
    expect(room.phases()).toEqual(['STARTING#2', 'READY#2']);
  });

  it('stops everything at the end and remembers what it knew', async () => {
    const { room, reconciler } = await running(3);
    await reconciler.stopAll('the agent is ending');
    expect(room.reports.at(-1)).toMatchObject({ phase: 'STOPPED', reason: 'the agent is ending', generation: 3 });
    expect(room.disk.get('p@1')).toMatchObject({ generation: 3, launches: [] });
    reconciler.apply({ snapshot: true, assigned: [assigned({ generation: 9 })] });
    await settle();
    expect(room.driver.running.size).toBe(0);
  });
});
