import 'reflect-metadata';
import { expect, it } from 'vitest';
import { readCatalog } from './file-catalog.schema.js';

const plugin = (versions: unknown[]) => ({
  plugins: [{ plugin_id: 'plugin-a', resource_type: 'monitoring.Webhook', versions }],
});
const version = (name: string) => ({ version: name, process: { command: ['node', 'x.js'] } });

it('orders versions newest first by semver, others last', () => {
  const [read] = readCatalog(plugin(['1.2.10', '1.2.9', 'latest', '2.0.0-rc.1', '1.10.0'].map(version)));
  expect(read?.versions.map(({ version: name }) => name)).toEqual([
    '2.0.0-rc.1',
    '1.10.0',
    '1.2.10',
    '1.2.9',
    'latest',
  ]);
});

it.each<[string, unknown, string]>([
  ['no plugins', {}, 'plugins'],
  ['a plugin twice', { plugins: [...plugin([]).plugins, ...plugin([]).plugins] }, 'plugins[1].plugin_id'],
  ['a version twice', plugin([version('1.0.0'), version('1.0.0')]), 'plugins[0].versions'],
  ['an empty command', plugin([{ version: '1', process: { command: [] } }]), 'plugins[0].versions[0].process.command'],
  ['an unknown key', plugin([{ version: '1', proces: {} }]), 'plugins[0].versions[0].proces'],
  [
    'a bad resource type',
    { plugins: [{ plugin_id: 'a', resource_type: 'x', versions: [] }] },
    'plugins[0].resource_type',
  ],
])('refuses %s, naming the key', (_, content, key) => {
  expect(() => readCatalog(content)).toThrow(key);
});
