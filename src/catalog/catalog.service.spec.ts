import { expect, it } from 'vitest';
import { Catalog, type CatalogPlugin } from './catalog.js';
import { CatalogService } from './catalog.service.js';

const plugin = (image: string, domainId?: string): CatalogPlugin => ({
  ...{ pluginId: 'plugin-a', name: 'A', state: 'ENABLED', resourceType: 'a.B' },
  ...(domainId !== undefined && { domainId }),
  versions: [{ version: '1.0.0', container: { image, env: {} } }],
});

/** A catalog with everybody's plugin, and one of the same name that a domain has registered. */
class Both extends Catalog {
  everybodys: CatalogPlugin | undefined = plugin('all/a');
  own: CatalogPlugin | undefined = plugin('own/a', 'domain-1');

  override find(_: string, domainId?: string): Promise<CatalogPlugin | undefined> {
    return Promise.resolve((domainId === 'domain-1' ? this.own : undefined) ?? this.everybodys);
  }

  override list(): Promise<CatalogPlugin[]> {
    return Promise.resolve([]);
  }
}

const catalog = new Both();
const service = new CatalogService(catalog);
const imageOf = async (domainId?: string, privateTo?: string) =>
  (await service.launch('plugin-a', '1.0.0', domainId, privateTo))?.container?.image;

it("tells of a version whether it is the domain's own", async () => {
  expect(await service.version('plugin-a', '1.0.0', 'domain-1')).toMatchObject({ privateTo: 'domain-1' });
  expect(await service.version('plugin-a', '1.0.0', 'domain-2')).not.toHaveProperty('privateTo');
});

it('has run what was asked for, whatever the domain has registered under the same name since', async () => {
  expect(await imageOf('domain-1', 'domain-1')).toBe('own/a');
  expect(await imageOf('domain-1', '')).toBe('all/a');
  expect(await imageOf('domain-2', '')).toBe('all/a');
  expect(await imageOf()).toBe('all/a');
});

it("has nothing run in the place of a domain's own plugin that is gone", async () => {
  const { own } = catalog;
  catalog.own = undefined;
  expect(await imageOf('domain-1', 'domain-1')).toBeUndefined();
  catalog.own = own;
});
