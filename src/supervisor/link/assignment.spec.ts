import { expect, it } from 'vitest';
import type { CatalogService, PluginLaunch } from '../../catalog/catalog.service.js';
import { pluginNotDeployable, repositoryBackend } from '../../common/errors/errors.js';
import { installed } from '../../installed-plugin/installed-plugin.fixture.js';
import { assignmentOf } from './assignment.js';

const launch = {
  version: '1.0.0',
  resourceType: 'monitoring.Webhook',
  process: { command: ['node'] },
} as unknown as PluginLaunch;

it.each([
  ['is away', repositoryBackend('away')],
  ['says of it what cannot be used', pluginNotDeployable('plugin-a', undefined, 'no type')],
])(
  'tells of an instance without saying how to start it while the catalog %s, and again when it can',
  async (_, error) => {
    let left = 3;
    const catalog = {
      launch: () => (left-- > 0 ? Promise.reject(error) : Promise.resolve(launch)),
    } as unknown as CatalogService;
    const told: string[] = [];
    const pause = () => Promise.resolve();
    const tellAgain = (id: string) => void told.push(id);
    const context = { catalog, driver: 'process', ended: () => false, pause, tellAgain };
    const plugin = installed();
    const assignment = await assignmentOf(context, plugin);
    expect(assignment).toMatchObject({ plugin_id: 'plugin-a', generation: 1 });
    expect(assignment.process).toBeUndefined();
    await expect.poll(() => told).toEqual([plugin.id]);
    expect(left).toBe(-1);
    expect((await assignmentOf(context, plugin)).process).toMatchObject({ command: ['node'] });
  },
);

it('does not hide what nobody foresaw', async () => {
  const catalog = { launch: () => Promise.reject(new Error('a defect')) } as unknown as CatalogService;
  const context = { catalog, driver: 'process', ended: () => true, tellAgain: () => undefined };
  await expect(assignmentOf(context, installed())).rejects.toThrow('a defect');
});
