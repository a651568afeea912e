import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { networkProbes } from '../../src/agent/health-check.js';
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

it('adds less than 30 ms to what a plugin itself needs from its spawn until it is healthy', async () => {
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
  const added = median(assigned.slice(2)) - median(alone.slice(2));
  console.info(`alone ${Math.round(median(alone))} ms, assigned to READY ${Math.round(added)} ms more`);
  expect(added).toBeLessThan(30);
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

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
