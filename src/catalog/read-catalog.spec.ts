import 'reflect-metadata';
import { expect, it } from 'vitest';
import { readCatalog } from './read-catalog.js';

const plugin = (versions: unknown[]) => ({
  plugins: [{ plugin_id: 'plugin-a', resource_type: 'monitoring.Webhook', versions }],
});
const version = (name: string) => ({ version: name, process: { command: ['node', 'x.js'] } });

it('orders versions newest first, what is none last', () => {
  const [read] = readCatalog(plugin(['1.2.10', '1.2.9', 'latest', '2.0.0-rc.1', '1.10.0'].map(version)));
  expect(read?.versions.map(({ version: name }) => name)).toEqual([
    '2.0.0-rc.1',
    '1.10.0',
    '1.2.10',
    '1.2.9',
    'latest',
  ]);
});

const described = (fields: object) => ({ plugins: [{ ...plugin([version('1.0.0')]).plugins[0], ...fields }] });

it('reads what a repository tells of a plugin', () => {
  const [read] = readCatalog(
    described({
      state: 'DISABLED',
      image: 'cloudforet/plugin-a',
      provider: 'aws',
      registry_type: 'HARBOR',
      registry_url: 'https://harbor.example/',
      registry_config: { user: 'robot' },
      labels: ['Monitoring'],
      created_at: '2024-01-02',
    }),
  );
  expect(read).toMatchObject({
    name: 'plugin-a',
    state: 'DISABLED',
    provider: 'aws',
    registryType: 'HARBOR',
    registryUrl: 'https://harbor.example/',
    registryConfig: { user: 'robot' },
    labels: ['Monitoring'],
    createdAt: new Date('2024-01-02T00:00:00Z'),
    updatedAt: new Date('2024-01-02T00:00:00Z'),
  });
  expect(read?.versions[0]?.container).toEqual({ image: 'harbor.example/cloudforet/plugin-a', env: {} });
});

it("prefers a version's own image to that of the plugin", () => {
  const [read] = readCatalog(
    described({ image: 'a/b', versions: [{ version: '1', container: { image: 'c/d', env: { N: 1 } } }] }),
  );
  expect(read?.versions[0]?.container).toEqual({ image: 'c/d', env: { N: '1' } });
});

it('reads what a version may use, and which content its tag stands for', () => {
  const container = { digest: `sha256:${'a'.repeat(64)}`, limits: { memory: '512Mi', cpus: 0.5, pids: 64 } };
  const [read] = readCatalog(described({ image: 'a/b', versions: [{ version: '1', container }] }));
  expect(read?.versions[0]?.container).toEqual({
    image: 'a/b',
    env: {},
    digest: container.digest,
    limits: { memoryBytes: 512 * 1024 * 1024, cpus: 0.5, pids: 64 },
  });
});

it.each<[string, unknown, ...string[]]>([
  ['no plugins', {}, 'plugins'],
  [
    'an amount of memory without sense',
    plugin([{ version: '1', container: { image: 'a', limits: { memory: 'much' } } }]),
    'limits.memory',
  ],
  ['a plugin twice', { plugins: [...plugin([]).plugins, ...plugin([]).plugins] }, 'plugins[1].plugin_id'],
  ['a version twice', plugin([version('1.0.0'), version('1.0.0')]), 'plugins[0].versions'],
  ['an empty command', plugin([{ version: '1', process: { command: [] } }]), 'plugins[0].versions[0].process.command'],
  ['an unknown key', plugin([{ version: '1', proces: {} }]), 'plugins[0].versions[0].proces'],
  [
    'a bad resource type',
    { plugins: [{ plugin_id: 'a', resource_type: 'x', versions: [] }] },
    'plugins[0].resource_type',
  ],
  ['an unknown state', described({ state: 'ON' }), 'plugins[0].state', 'value = ON'],
  ['an unknown kind of registry', described({ registry_type: 'QUAY' }), 'plugins[0].registry_type', 'value = QUAY'],
  ['tags that are a list', described({ tags: ['a'] }), 'plugins[0].tags', 'type = object'],
  ['labels that are a map', described({ labels: {} }), 'plugins[0].labels', 'type = array'],
  ['a time that is none', described({ created_at: 'soon' }), 'plugins[0].created_at', 'value = soon'],
  ['a day that is none', described({ updated_at: '2024-13-01' }), 'plugins[0].updated_at', 'value = 2024-13-01'],
  ['neither versions nor an image', { plugins: [{ plugin_id: 'a', resource_type: 'a.B' }] }, 'plugins[0].versions'],
  ['no image', plugin([{ version: '1', container: {} }]), 'plugins[0].versions[0].container.image'],
])('refuses %s, naming key and value', (_, content, ...texts) => {
  for (const text of texts) expect(() => readCatalog(content)).toThrow(text);
});
