import 'reflect-metadata';
import { expect, it } from 'vitest';
import { KubernetesSettings } from './settings.js';

const settings = (content: unknown) => new KubernetesSettings(content, { stopGraceMs: 2_500, startTimeoutMs: 60_000 });
const collector = { resource_type: 'inventory.Collector', plugin_id: 'plugin-aws' };

it('has defaults for everything', () => {
  for (const content of [undefined, null, {}]) {
    expect(settings(content).of(collector)).toMatchObject({
      replicas: 1,
      headless: false,
      clusterDomain: 'cluster.local',
      runAsUser: 65_532,
      probe: 'grpc',
      stopGraceSeconds: 3,
      livenessDelaySeconds: 60,
    });
  }
});

it('counts what is said of a plugin more than of its resource type, and that more than the rest', () => {
  const read = settings({
    replicas: 2,
    env: { A: 1 },
    overrides: {
      'inventory.Collector': { replicas: 3, node_selector: { pool: 'collectors' } },
      'inventory.Collector?plugin-aws': { replicas: 4 },
    },
  });
  expect(read.of(collector)).toMatchObject({ replicas: 4, nodeSelector: { pool: 'collectors' }, env: { A: '1' } });
  expect(read.of({ ...collector, plugin_id: 'plugin-gcp' }).replicas).toBe(3);
  expect(read.of({ resource_type: 'monitoring.Webhook', plugin_id: 'plugin-aws' }).replicas).toBe(2);
});

it.each<[unknown, string]>([
  [{ replicas: 0 }, 'replicas'],
  [{ replicas: 'many' }, 'replicas'],
  [{ replica: 2 }, 'replica'],
  [{ probe: 'http' }, 'probe'],
  [{ tolerations: ['all'] }, 'tolerations'],
  [
    { overrides: { 'inventory.Collector': { headles: true } } },
    'inventory.Collector: Parameter is invalid. (key = headles',
  ],
  [{ overrides: { 'inventory.Collector': { cluster_domain: 'x' } } }, 'cluster_domain'],
  [[], 'object'],
])('refuses %o', (content, message) => expect(() => settings(content)).toThrow(message));
