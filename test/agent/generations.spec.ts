import { expect, it } from 'vitest';
import { InstanceReport_Phase as Phase } from '../../src/generated/berth/link/v1/link.js';
import { assignment, World } from './kit.js';
import { signalOnly } from '../support/processes.js';

it('replaces an instance once for a newer generation, the old one serving until the new one does', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  const [old = 0] = world.processes();
  const next = assignment({ START_DELAY_MS: '500' }, { generation: 2, after_incarnation: 1 });
  server.assign(next);
  server.assign(next);
  const starting = await server.report({ phase: Phase.STARTING, generation: 2 });
  expect(starting).toMatchObject({ incarnation: 2, endpoints: [] });
  expect(world.processes()).toContain(old);
  await server.report({ phase: Phase.READY, generation: 2, incarnation: 2 });
  await expect.poll(() => world.processes()).not.toContain(old);
  expect(world.processes()).toHaveLength(1);
  expect(server.reports.filter(({ phase }) => phase === Phase.READY)).toHaveLength(2);
  expect(server.reports.some(({ phase }) => phase === Phase.DOWN)).toBe(false);
});

it('starts nothing for a generation that what runs has surpassed already', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment());
  await server.report({ phase: Phase.READY });
  signalOnly(world.processes(), 'SIGKILL');
  const second = await server.report({ phase: Phase.READY, incarnation: 2 });
  const running = world.processes();
  // Somebody reports the first incarnation as failing after the second has taken its place.
  server.assign(assignment({}, { generation: 2, after_incarnation: 1 }));
  const report = await server.report({ phase: Phase.READY, generation: 2 });
  expect(report).toMatchObject({ incarnation: 2, endpoints: second.endpoints });
  expect(world.processes()).toEqual(running);
});

it('ignores an older generation', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment({}, { generation: 5 }));
  await server.report({ phase: Phase.READY });
  const seen = server.reports.length;
  server.assign(assignment({}, { generation: 4, after_incarnation: 1 }));
  // What is assigned later is told of later.
  server.assign(assignment({}, { plugin_id: 'plugin-b' }));
  await server.report({ plugin_id: 'plugin-b', phase: Phase.READY });
  expect(server.reports.slice(seen).filter(({ plugin_id }) => plugin_id === 'plugin-a')).toEqual([]);
  expect(world.processes()).toHaveLength(2);
});

it('begins above the incarnation that the server names', async () => {
  await using world = await World.create();
  await world.agent();
  world.server.assign(assignment({}, { generation: 3, after_incarnation: 41 }));
  expect(await world.server.report({ phase: Phase.READY })).toMatchObject({ generation: 3, incarnation: 42 });
});

it('stops what is removed, descendants and all, and counts on when it is assigned again', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment({ WITH_CHILD: '1', WITH_ESCAPED_CHILD: '1' }));
  await server.report({ phase: Phase.READY });
  expect(world.processes()).toHaveLength(3);
  server.remove('plugin-a', '1.0.0');
  const stopped = await server.report({ phase: Phase.STOPPED });
  expect(stopped).toMatchObject({ incarnation: 1, reason: 'no longer assigned' });
  expect(world.processes()).toEqual([]);
  server.assign(assignment());
  expect(await server.report({ phase: Phase.READY }, server.reports.length)).toMatchObject({ incarnation: 2 });
});

it('forces what ignores SIGTERM, after the grace', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent({ timings: { stopGraceMs: 700 } });
  server.assign(assignment({ IGNORE_SIGTERM: '1' }));
  await server.report({ phase: Phase.READY });
  const askedAt = performance.now();
  server.remove('plugin-a', '1.0.0');
  await server.report({ phase: Phase.STOPPED });
  expect(performance.now() - askedAt).toBeGreaterThan(690);
  expect(world.processes()).toEqual([]);
});

it('answers the removal of what it never ran', async () => {
  await using world = await World.create();
  await world.agent();
  await world.server.hello();
  world.server.remove('plugin-z', '9.9.9');
  await world.server.report({ plugin_id: 'plugin-z', phase: Phase.STOPPED });
});

it('stops what a snapshot does not name', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  server.assign(assignment());
  server.assign(assignment({}, { plugin_id: 'plugin-b' }));
  await server.report({ phase: Phase.READY, plugin_id: 'plugin-a' });
  await server.report({ phase: Phase.READY, plugin_id: 'plugin-b' });
  server.forget('plugin-a', '1.0.0');
  server.cut();
  await server.report({ phase: Phase.STOPPED, plugin_id: 'plugin-a' });
  expect(world.processes()).toHaveLength(1);
});
