import { expect, it } from 'vitest';
import { Catalog, type CatalogPlugin } from '../../catalog/catalog.js';
import { CatalogService } from '../../catalog/catalog.service.js';
import { InstanceReport_Phase } from '../../generated/berth/link/v1/link.js';
import type { InstalledPlugin } from '../../installed-plugin/installed-plugin.js';
import { readReport, toAssignment } from './link.mapper.js';

const wanted = { domainId: 'd', createdAt: 1, generation: 2, afterIncarnation: 1 };
const installed = { pluginId: 'plugin-a', version: '1', ...wanted };

async function containerFor(driver: string, image: string, more: Partial<CatalogPlugin> = {}) {
  const plugin: CatalogPlugin = {
    pluginId: 'plugin-a',
    name: 'A',
    state: 'ENABLED',
    resourceType: 'monitoring.Webhook',
    registryType: 'HARBOR',
    registryConfig: { username: 'robot', password: 'secret' },
    versions: [{ version: '1', container: { image, env: {}, limits: { memoryBytes: 64, cpus: 0.25 } } }],
    ...more,
  };
  class OnePlugin extends Catalog {
    find = () => Promise.resolve(plugin);
    list = () => Promise.resolve([plugin]);
  }
  const launch = await new CatalogService(new OnePlugin()).launch('plugin-a', '1');
  return toAssignment(installed as InstalledPlugin, launch, driver).container;
}

it('tells agents that pull images what the registry wants to be shown, and what the plugin may use', async () => {
  expect(await containerFor('docker', 'harbor.example/a')).toEqual({
    image: 'harbor.example/a',
    env: {},
    limits: { memory_bytes: 64, cpu_millis: 250, pids: undefined },
    registry: { type: 'HARBOR', config: { username: 'robot', password: 'secret' } },
  });
});

it.each([
  ['an agent that runs processes', 'process', 'harbor.example/a'],
  ['an image of another registry', 'docker', 'elsewhere.example/a'],
])('shows no secret to %s', async (_, driver, image) => {
  const container = await containerFor(driver, image, { registryUrl: 'https://harbor.example' });
  expect(container).toMatchObject({ image, registry: undefined });
});

it('hands out what has TLS by the scheme that all callers know', () => {
  const endpoints = ['grpc://h:1', 'grpcs://h:2', 'grpc+ssl://h:3'];
  const report = { plugin_id: 'plugin-a', version: '1', phase: InstanceReport_Phase.READY, endpoints };
  expect(readReport(report).endpoints).toEqual(['grpc://h:1', 'grpc+ssl://h:2', 'grpc+ssl://h:3']);
});

it.each(['assigned_at', 'next_start_at'])('refuses a time that is later than any date: %s', (key) => {
  const report = { plugin_id: 'plugin-a', version: '1', phase: InstanceReport_Phase.STARTING, [key]: 2 ** 53 - 1 };
  expect(() => readReport(report)).toThrow(`key = report.${key}`);
});
