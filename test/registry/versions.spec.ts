import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { CatalogService } from '../../src/catalog/catalog.service.js';
import { FileCatalog } from '../../src/catalog/file-catalog.js';
import { RepositoryCatalog } from '../../src/catalog/repository/repository-catalog.js';
import { TaggedCatalog } from '../../src/catalog/tagged/tagged-catalog.js';
import { packageRoot } from '../../src/config/package-root.js';
import { RegistryClient } from '../../src/registry/registry-client.js';
import { compareVersions, parseVersion, type Version } from '../../src/versions/index.js';
import { realPlugins, shapes } from '../../src/versions/tags.fixture.js';
import { RepositoryService } from '../support/repository-service.js';
import { ScriptedRegistry } from './scripted-registry.js';

/** All that tags were seen like, with what they should come to. */
const cases = [
  ...realPlugins.map(({ name, newestFirst, newestFinal }) => ({ name, newestFirst, none: [], taken: newestFinal })),
  ...shapes.map(({ shape, ...rest }) => ({ name: shape.replaceAll(/[^a-z]+/g, '-'), ...rest })),
];

let directory: string;
let registry: ScriptedRegistry;
let repository: RepositoryService;
let opened: { file: CatalogService; image: CatalogService; service: CatalogService };
let tagged: TaggedCatalog;
let asked: RepositoryCatalog;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-versions-'));
  registry = await ScriptedRegistry.open();
  repository = new RepositoryService();
  await repository.start();
  for (const { name, newestFirst, none } of cases) {
    const tags = [...newestFirst, ...none].toSorted();
    registry.repositories.set(`team/${name}`, tags);
    repository.publish({ plugin_id: name, resource_type: 'a.B', image: name }, tags);
  }
  // Long lists come in pages.
  registry.pageSize = 20;
  const resource_type = 'a.B';
  const listed = cases.map(({ name, newestFirst, none }) => {
    const versions = [...newestFirst, ...none].toSorted();
    return { plugin_id: name, resource_type, image: name, versions: versions.map((version) => ({ version })) };
  });
  const named = cases.map(({ name }) => ({
    ...{ plugin_id: name, resource_type },
    ...{ registry_url: `http://${registry.host}`, image: `team/${name}` },
  }));
  const open = (file: string, plugins: unknown[]) => {
    const path = join(directory, file);
    writeFileSync(path, stringify({ plugins }));
    return new FileCatalog(path);
  };
  tagged = new TaggedCatalog(open('named.yaml', named), new RegistryClient());
  asked = RepositoryCatalog.at({ address: repository.address });
  opened = {
    file: new CatalogService(open('listed.yaml', listed)),
    image: new CatalogService(tagged),
    service: new CatalogService(asked),
  };
});

afterAll(async () => {
  await tagged.onApplicationShutdown();
  asked.onApplicationShutdown();
  repository.stop();
  await registry.close();
  rmSync(directory, { recursive: true, force: true });
});

describe.each(cases)('the versions of $name', ({ name, newestFirst, none, taken }) => {
  const versionsIn = async (from: keyof typeof opened) =>
    (await opened[from].plugin(name)).versions.map(({ version }) => version);

  it('come from an image in one order, without the tags that are none', async () => {
    expect(await versionsIn('image')).toEqual(newestFirst);
  });

  it.each(['file', 'service'] as const)('come from a %s in the same order, with all that it lists', async (from) => {
    expect(await versionsIn(from)).toEqual([...newestFirst, ...none.toSorted()]);
  });

  it.each(['file', 'image', 'service'] as const)(`are ${taken} where none is named, in a %s`, async (from) => {
    const newest = opened[from].newestVersion(name);
    if (taken !== undefined) expect(await newest).toBe(taken);
    else await expect(newest).rejects.toMatchObject({ code: 'ERROR_INVALID_PLUGIN_VERSION' });
  });

  it.each(['file', 'image', 'service'] as const)('can each be named exactly, in a %s', async (from) => {
    for (const version of newestFirst) {
      expect(await opened[from].version(name, version)).toMatchObject({ version });
    }
    await expect(opened[from].version(name, '77.0.1')).rejects.toMatchObject({ code: 'ERROR_INVALID_PLUGIN_VERSION' });
  });
});

it('are in the order that the documentation shows', () => {
  const documentation = readFileSync(join(packageRoot, 'docs/catalog.md'), 'utf8');
  const [table = ''] = /(?<=From old to new:\n)(?:\n|\|.*\n)+/.exec(documentation) ?? [];
  const rows = table
    .split('\n')
    .map((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, text]) => text));
  const shown = rows
    .filter((row) => row.length > 0)
    .map((row) => row.map((text) => parseVersion(text ?? '') as Version));
  expect(shown.length).toBeGreaterThan(8);
  // Within a row, and from row to row.
  for (const row of shown) expect(row.toSorted(compareVersions)).toEqual(row);
  shown.slice(1).forEach((row, at) => {
    expect(compareVersions((shown[at] as Version[]).at(-1) as Version, row[0] as Version)).toBeLessThan(0);
  });
});
