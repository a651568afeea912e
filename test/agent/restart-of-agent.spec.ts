import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { InstanceReport_Phase as Phase } from '../../src/generated/berth/link/v1/link.js';
import { assignment, endOf, fixtures, World } from './kit.js';
import { signalOnly } from '../support/processes.js';

const handleOf = (world: World): string =>
  readFileSync(join(world.data, 'agent/instances/plugin-a@1.0.0.json'), 'utf8');
const handles = (world: World): string[] => readdirSync(join(world.data, 'agent/instances'));

it('takes over what runs after it was killed, and still notices its end', async () => {
  await using world = await World.create();
  const { server } = world;
  const first = world.spawnAgent();
  server.assign(assignment());
  const ready = await server.report({ phase: Phase.READY });
  const running = world.processes();
  await endOf(first, 'SIGKILL');
  expect(world.processes()).toEqual(running);

  await world.agent();
  const hello = await server.hello(2);
  expect(hello.instances).toEqual([
    expect.objectContaining({ phase: Phase.READY, incarnation: 1, generation: 1, endpoints: ready.endpoints }),
  ]);
  expect(world.processes()).toEqual(running);

  signalOnly(running, 'SIGKILL');
  await server.report({ phase: Phase.DOWN, incarnation: 1 });
  await server.report({ phase: Phase.READY, incarnation: 2 });
  expect(world.processes()).toHaveLength(1);
});

it('restarts what died while it was away', async () => {
  await using world = await World.create();
  const { server } = world;
  const first = world.spawnAgent();
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  await expect.poll(() => handleOf(world)).toContain('"ready_at"');
  await endOf(first, 'SIGKILL');
  signalOnly(world.processes(), 'SIGKILL');
  await world.agent();
  const hello = await server.hello(2);
  expect(hello.instances).toEqual([
    expect.objectContaining({ phase: Phase.DOWN, incarnation: 1, reason: 'ended while the agent was away' }),
  ]);
  await server.report({ phase: Phase.READY, incarnation: 2 });
});

it.each([
  ['between spawn and record', 'agent-killed-after-spawn.mjs', 1],
  ['between intent and spawn', 'agent-killed-before-spawn.mjs', 2],
])('killed %s, leaves no orphan and no second copy', async (_, script, incarnation) => {
  await using world = await World.create();
  const { server } = world;
  const killed = world.spawnAgent([], join(fixtures, script));
  server.assign(assignment());
  await endOf(killed);
  expect(killed.signalCode).toBe('SIGKILL');
  await world.agent();
  expect(await server.report({ phase: Phase.READY })).toMatchObject({ incarnation, restarts: 0 });
  expect(world.processes()).toHaveLength(1);
});

it('stops what was unassigned while it was away', async () => {
  await using world = await World.create();
  const { server } = world;
  const first = world.spawnAgent();
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  await endOf(first, 'SIGKILL');
  server.forget('plugin-a', '1.0.0');
  await world.agent();
  await server.report({ phase: Phase.STOPPED });
  expect(world.processes()).toEqual([]);
});

it('sets a handle aside that it cannot read, and finds its process by the mark', async () => {
  await using world = await World.create();
  const { server } = world;
  const first = world.spawnAgent();
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  await endOf(first, 'SIGKILL');
  const running = world.processes();
  writeFileSync(join(world.data, 'agent/instances/plugin-a@1.0.0.json'), '{"format": 1, "plug');
  await world.agent();
  await server.until('the same instance', () =>
    server.hellos[1]?.instances?.find(({ phase, incarnation }) => phase === Phase.READY && incarnation === 1),
  );
  expect(world.processes()).toEqual(running);
  expect(handles(world)).toContainEqual(expect.stringMatching(/^plugin-a@1\.0\.0\.json\.corrupt-\d+$/));
});

it('clears away a process that carries its mark and belongs to nothing', async () => {
  await using world = await World.create();
  const { server } = world;
  const first = world.spawnAgent();
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  const [owned] = world.processes();
  server.assign(assignment({}, { plugin_id: 'plugin-b' }));
  await server.report({ phase: Phase.READY, plugin_id: 'plugin-b' });
  await endOf(first, 'SIGKILL');
  const path = join(world.data, 'agent/instances/plugin-b@1.0.0.json');
  const handle = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...handle, launches: [] }));
  server.forget('plugin-b', '1.0.0');
  await world.agent();
  await server.hello(2);
  expect(world.processes()).toEqual([owned]);
});

it('keeps counting crashes', async () => {
  await using world = await World.create();
  const { server } = world;
  const first = world.spawnAgent(['--max-restarts', '1']);
  server.assign(assignment({ CRASH_AT_START: '1' }));
  await server.report({ restarts: 1, phase: Phase.STARTING });
  await expect.poll(() => handleOf(world)).toContain('"reason": "exited with code 3"');
  await endOf(first, 'SIGKILL');
  await world.agent({ restart: { maxRestarts: 1 } });
  await server.hello(2);
  expect(await server.report({ phase: Phase.FAILED })).toMatchObject({ incarnation: 2, restarts: 2 });
});

it('keeps everything running when told to, and takes it over', async () => {
  await using world = await World.create();
  const { server } = world;
  const first = world.spawnAgent();
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  const running = world.processes();
  await endOf(first, 'SIGTERM');
  expect(server.farewells).toBe(1);
  expect(server.reports.some(({ phase }) => phase === Phase.STOPPED)).toBe(false);
  expect(world.processes()).toEqual(running);
  await world.agent();
  expect((await server.hello(2)).instances).toEqual([expect.objectContaining({ phase: Phase.READY, incarnation: 1 })]);
});

it('stops everything when told to, says so, and starts it again next time', async () => {
  await using world = await World.create();
  const { server } = world;
  const first = world.spawnAgent(['--on-exit', 'stop']);
  server.assign(assignment({ WITH_CHILD: '1' }));
  await server.report({ phase: Phase.READY });
  await endOf(first, 'SIGTERM');
  expect(world.processes()).toEqual([]);
  expect(server.reports.at(-1)).toMatchObject({ phase: Phase.STOPPED, reason: 'the agent is ending' });
  expect(server.farewells).toBe(1);
  world.spawnAgent(['--on-exit', 'stop']);
  expect((await server.hello(2)).instances).toEqual([]);
  await server.report({ phase: Phase.READY, incarnation: 2, restarts: 0 });
});

it('shares its data directory with no second agent', async () => {
  await using world = await World.create();
  await world.agent();
  await world.server.hello();
  await expect(world.agent()).rejects.toThrow(new RegExp(`in use by the agent with process id ${process.pid} on`));
  const second = world.spawnAgent();
  await endOf(second);
  expect(second.exitCode).toBe(1);
});
