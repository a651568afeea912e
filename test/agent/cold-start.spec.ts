import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { networkProbes } from '../../src/common/grpc/health-probe.js';
import { InstanceReport_Phase as Phase } from '../../src/generated/berth/link/v1/link.js';
import { assignment, endOf, fixtures, World } from './kit.js';

it('starts what is assigned, and reports its endpoint once it is healthy', async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent({ labels: { region: 'kr' }, isPublic: true, capacity: 7 });
  expect(await server.hello()).toMatchObject({
    name: 'test',
    hostname: 'test-host',
    domain_id: 'domain-1',
    labels: { region: 'kr' },
    is_public: true,
    capacity: 7,
    driver: 'process',
    instances: [],
  });
  server.assign(assignment());
  const ready = await server.report({ phase: Phase.READY });
  expect(ready).toMatchObject({ plugin_id: 'plugin-a', version: '1.0.0', generation: 1, incarnation: 1, restarts: 0 });
  expect(ready.endpoints).toEqual([expect.stringMatching(/^grpc:\/\/127\.0\.0\.1:\d+$/)]);
  expect(server.reports.map(({ phase }) => phase)).toEqual([Phase.STARTING, Phase.READY]);
  expect(world.processes()).toHaveLength(1);
  await server.until('heartbeats', () => (server.heartbeats > 2 ? true : undefined));
});

// Once more where something else was busy on the machine just then: both sides suffer, but not equally.
it('adds less than 30 ms to what a plugin itself needs from its spawn until it is healthy', { retry: 2 }, async () => {
  await using world = await World.create();
  const { server } = world;
  await world.agent();
  await server.hello();
  const alone: number[] = [];
  const assigned: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    alone.push(await startAlone(31_000 + round));
    const plugin_id = `plugin-${round}`;
    const begin = performance.now();
    server.assign(assignment({}, { plugin_id }));
    await server.report({ plugin_id, phase: Phase.READY });
    assigned.push(performance.now() - begin);
    server.remove(plugin_id, '1.0.0');
    await server.report({ plugin_id, phase: Phase.STOPPED });
  }
  // The first round of each compiles what the others use.
  const added = quartile(assigned.slice(2)) - quartile(alone.slice(2));
  expect(added, `alone it needs ${Math.round(quartile(alone))} ms`).toBeLessThan(30);
});

/** Milliseconds from the spawn of the plugin to its first good health check, without any agent. */
async function startAlone(port: number): Promise<number> {
  const begin = performance.now();
  const env = { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port) };
  const child = spawn(process.execPath, ['plugin.mjs'], { cwd: fixtures, env, stdio: 'ignore', detached: true });
  const probe = networkProbes(1_000)({ endpoint: '', host: '127.0.0.1', port });
  try {
    while (!(await probe.check()).serving) await delay(5);
    return performance.now() - begin;
  } finally {
    probe.close();
    await endOf(child, 'SIGKILL');
  }
}

/** The lower one: what it takes when nothing else is in the way. */
const quartile = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)] ?? NaN;
