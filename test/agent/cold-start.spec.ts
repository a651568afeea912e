import { expect, it } from 'vitest';
import { InstanceReport_Phase as Phase } from '../../src/generated/berth/link/v1/link.js';
import { assignment, World } from './kit.js';

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
