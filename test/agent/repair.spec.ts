import { expect, it } from 'vitest';
import { InstanceReport_Phase as Phase } from '../../src/generated/berth/link/v1/link.js';
import { assignment, processesWith, World } from './kit.js';
import { signalOnly } from '../support/processes.js';

it('replaces a plugin that was killed: DOWN, then READY as the next incarnation', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  signalOnly(world.processes(), 'SIGKILL');
  const down = await server.report({ phase: Phase.DOWN });
  expect(down).toMatchObject({ incarnation: 1, generation: 1, reason: 'was killed by SIGKILL', restarts: 1 });
  expect(down.endpoints).toEqual([]);
  const ready = await server.report({ phase: Phase.READY, incarnation: 2 });
  expect(ready).toMatchObject({ generation: 1, restarts: 1 });
  expect(world.processes()).toHaveLength(1);
});

it('repairs while the server is away, and tells when it is back', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment());
  const first = await server.report({ phase: Phase.READY });
  const { port } = server;
  server.stop();
  const pid = signalOnly(world.processes(), 'SIGKILL');
  await expect.poll(() => world.processes().filter((other) => other !== pid).length).toBe(1);
  await server.start(port);
  const hello = await server.hello(2);
  const [instance] = hello.instances ?? [];
  expect(instance).toMatchObject({ plugin_id: 'plugin-a', incarnation: 2 });
  const ready =
    instance?.phase === Phase.READY ? instance : await server.report({ phase: Phase.READY, incarnation: 2 });
  expect(ready.endpoints).not.toEqual(first.endpoints);
});

it('leaves what runs alone when only the connection breaks', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment());
  const ready = await server.report({ phase: Phase.READY });
  const [pid] = world.processes();
  server.cut();
  const hello = await server.hello(2);
  expect(hello.instances).toEqual([expect.objectContaining({ phase: Phase.READY, endpoints: ready.endpoints })]);
  expect(world.processes()).toEqual([pid]);
});

it('gives up a plugin that crashes at each start, with what it printed, and tries again for a newer generation', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent({ restart: { baseMs: 10, maxRestarts: 3, maxMs: 600_000 } });
  server.assign(assignment({ CRASH_AT_START: '1' }));
  const failed = await server.report({ phase: Phase.FAILED });
  expect(failed).toMatchObject({ incarnation: 4, restarts: 4, generation: 1 });
  expect(failed.reason).toBe('exited with code 3 (given up after 4 failures)');
  expect(failed.output_tail).toContain('boom: this plugin crashes at start');
  expect(failed.output_tail?.match(/boom/g)).toHaveLength(1);
  expect(failed.next_start_at).toBeGreaterThan(Date.now() + 400_000);
  const waits = server.reports.filter(({ next_start_at }) => next_start_at !== undefined);
  expect(waits.map(({ phase }) => phase)).toEqual([Phase.STARTING, Phase.STARTING, Phase.STARTING, Phase.FAILED]);
  expect(world.processes()).toEqual([]);

  server.assign(assignment({}, { generation: 2, after_incarnation: 4 }));
  expect(await server.report({ phase: Phase.READY })).toMatchObject({ generation: 2, incarnation: 5, restarts: 0 });
});

it('names a command that does not exist', async () => {
  await using world = await World.create();
  await world.agent();
  world.server.assign(assignment({}, { process: { command: ['no-such-program'], working_directory: '.' } }));
  const failed = await world.server.report({ phase: Phase.FAILED });
  expect(failed.reason).toMatch(/no-such-program.*no such command.*ENOENT/);
});

it('kills a start that takes too long, and says what it was waiting for', async () => {
  await using world = await World.create();
  const { server } = world;
  // Other starts follow, until the machine was quick enough for the plugin to say something.
  await world.agent({ timings: { startTimeoutMs: 1_500 }, restart: { baseMs: 10 } });
  server.assign(assignment({ NEVER_READY: '1' }));
  const waiting = await server.report({ phase: Phase.STARTING, next_start_at: undefined, incarnation: 1 }, 1);
  expect(waiting.reason).toContain('nothing listens on port');
  const late = await server.until('the failure', () =>
    server.reports.find(({ next_start_at, output_tail }) => next_start_at && output_tail?.includes('plugin of pid')),
  );
  expect(late).toMatchObject({ phase: Phase.STARTING, restarts: late.incarnation });
  expect(late.reason).toMatch(/^was not ready within 2 s: nothing listens on port \d+/);
  const itsProcesses = processesWith('BERTH_INCARNATION', `${late.incarnation}`);
  await expect.poll(() => world.processes().filter((pid) => itsProcesses.includes(pid))).toEqual([]);
});

it('waits for a slow start', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment({ START_DELAY_MS: '500' }));
  expect(await server.report({ phase: Phase.READY })).toMatchObject({ incarnation: 1, restarts: 0 });
});

it('notices a plugin that hangs, and replaces it', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent({ timings: { healthIntervalMs: 100, healthTimeoutMs: 1_000 } });
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  const pid = signalOnly(world.processes(), 'SIGSTOP');
  const down = await server.report({ phase: Phase.DOWN });
  expect(down.reason).toMatch(/^failed 3 health checks in a row: .*DEADLINE_EXCEEDED/);
  await server.report({ phase: Phase.READY, incarnation: 2 });
  await expect.poll(() => world.processes()).toHaveLength(1);
  expect(world.processes()).not.toContain(pid);
});

it('takes an open port for enough where a plugin serves no health', async () => {
  await using world = await World.create();
  await world.agent();
  world.server.assign(assignment({ TCP_ONLY: '1' }));
  await world.server.report({ phase: Phase.READY });
});
