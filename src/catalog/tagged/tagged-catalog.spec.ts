import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ImageLocation } from '../../registry/image-location.js';
import { RegistryError, type RegistryFailure } from '../../registry/registry-error.js';
import { status } from '@grpc/grpc-js';
import { parseMirror } from '../../registry/registry-mirror.js';
import { Catalog, type CatalogPlugin } from '../catalog.js';
import { CatalogService } from '../catalog.service.js';
import { readCatalog } from '../read-catalog.js';
import { TaggedCatalog } from './tagged-catalog.js';

vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const away = new RegistryError('unavailable', 'registry.test does not answer: no answer in time.');

class Listed extends Catalog {
  constructor(private readonly plugins: readonly CatalogPlugin[]) {
    super();
  }
  find = (id: string) => Promise.resolve(this.plugins.find(({ pluginId }) => pluginId === id));
  list = () => Promise.resolve(this.plugins);
}

/** A registry whose answers a test changes. */
const registry = {
  asked: [] as string[],
  tagged: [] as string[],
  failure: undefined as RegistryError | undefined,
  digests: new Map<string, string>(),
  answer<T>(question: string, answer: () => T): Promise<T> {
    registry.asked.push(question);
    return registry.failure ? Promise.reject(registry.failure) : Promise.resolve().then(answer);
  },
  tags: ({ api, reference }: ImageLocation) =>
    registry.answer(`tags ${api}/${reference.repository}`, () => registry.tagged),
  digest: (_: ImageLocation, tag: string) =>
    registry.answer(`digest ${tag}`, () => {
      const found = registry.digests.get(tag);
      if (found === undefined) throw new RegistryError('not-found', `There is no such image. (image = ${tag})`);
      return found;
    }),
  close: () => Promise.resolve(),
};

let now: number;
beforeEach(() => {
  now = 1_000_000;
  registry.asked = [];
  registry.tagged = ['latest', '1.2', '1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1'];
  registry.failure = undefined;
  registry.digests = new Map([['1.9.0', digest('a')]]);
});

const plugins = readCatalog({
  plugins: [
    {
      plugin_id: 'p',
      resource_type: 'monitoring.Webhook',
      registry_url: 'http://registry.test:5000/team',
      registry_config: { username: 'robot', password: 'secret' },
      image: 'plugin-p',
      container: { env: { COLOR: 'blue' }, limits: { pids: 9 } },
    },
    {
      plugin_id: 'q',
      resource_type: 'monitoring.Webhook',
      versions: [{ version: '1.0.0', process: { command: ['q'] } }],
    },
  ],
});
const open = (mirror?: string) => {
  const catalog = new TaggedCatalog(new Listed(plugins), registry, mirror ? parseMirror(mirror) : undefined, () => now);
  return { catalog, service: new CatalogService(catalog) };
};
const versionsOf = async (catalog: Catalog) => (await catalog.find('p'))?.versions.map(({ version }) => version);
const container = { image: 'registry.test:5000/team/plugin-p', env: { COLOR: 'blue' }, limits: { pids: 9 } };

it('takes the tags that are versions, newest first, and asks once a minute', async () => {
  const { catalog, service } = open();
  for (let i = 0; i < 3; i++)
    expect(await versionsOf(catalog)).toEqual(['2.0.0-rc.1', '1.10.0', '1.9.0', '1.2', '1.0.0']);
  expect(await service.newestVersion('p')).toBe('1.10.0');
  expect(registry.asked).toEqual(['tags http://registry.test:5000/team/plugin-p']);
  registry.tagged = ['1.11.0'];
  now += 60_000;
  expect(await service.newestVersion('p')).toBe('1.11.0');
});

it('settles what a version is before it is run, and tells agents so with the password', async () => {
  const { service } = open();
  expect(await service.launch('p', '1.9.0')).toMatchObject({ container });
  expect(await service.version('p', '1.9.0')).toEqual({
    version: '1.9.0',
    container: { ...container, digest: digest('a') },
  });
  registry.digests.set('1.9.0', digest('b'));
  await service.version('p', '1.9.0');
  expect(await service.launch('p', '1.9.0')).toMatchObject({
    resourceType: 'monitoring.Webhook',
    container: { ...container, digest: digest('a') },
    registry: { config: { username: 'robot' } },
  });
});

it('knows a version that was pushed a moment ago, and none that was not', async () => {
  const { catalog, service } = open();
  await versionsOf(catalog);
  registry.digests.set('3.0.0', digest('c'));
  expect(await service.version('p', '3.0.0')).toMatchObject({ container: { digest: digest('c') } });
  await expect(service.version('p', '4.0.0')).rejects.toMatchObject({ code: 'ERROR_INVALID_PLUGIN_VERSION' });
  for (const tag of ['latest', '1.0+abc', '1!2.0']) {
    registry.digests.set(tag, digest('d'));
    await expect(service.version('p', tag)).rejects.toMatchObject({ code: 'ERROR_INVALID_PLUGIN_VERSION' });
    expect(await service.launch('p', tag)).toBeUndefined();
  }
});

it('takes no tag that is no version where none is named', async () => {
  registry.tagged = ['latest', 'main', '1.0+abc'];
  await expect(open().service.newestVersion('p')).rejects.toMatchObject({ code: 'ERROR_INVALID_PLUGIN_VERSION' });
});

it('goes on with what it knew while the registry is away, and asks nobody how a version is run', async () => {
  const { catalog, service } = open();
  await versionsOf(catalog);
  registry.failure = away;
  now += 60_000;
  expect(await service.newestVersion('p')).toBe('1.10.0');
  // Its digest is not known yet: whoever pulls it finds out.
  expect(await service.version('p', '1.9.0')).toEqual({ version: '1.9.0', container });
  await expect(service.version('p', '4.0.0')).rejects.toMatchObject({ code: 'ERROR_REPOSITORY_BACKEND' });
  registry.asked = [];
  expect(await service.launch('p', '7.0.0')).toMatchObject({ container });
  expect(registry.asked).toEqual([]);
});

it('says why it has no versions where it never had an answer', async () => {
  registry.failure = away;
  const { service } = open();
  await expect(service.newestVersion('p')).rejects.toMatchObject({
    code: 'ERROR_REPOSITORY_BACKEND',
    message: expect.stringContaining('registry.test does not answer') as string,
  });
  expect(await service.newestVersion('q')).toBe('1.0.0');
});

it.each<[RegistryFailure, string, status]>([
  ['unavailable', 'ERROR_REPOSITORY_BACKEND', status.UNAVAILABLE],
  ['throttled', 'ERROR_REPOSITORY_BACKEND', status.UNAVAILABLE],
  ['not-found', 'ERROR_PLUGIN_IMAGE_NOT_FOUND', status.NOT_FOUND],
  ['denied', 'ERROR_PLUGIN_STATE_CHANGE', status.FAILED_PRECONDITION],
  ['invalid', 'ERROR_PLUGIN_STATE_CHANGE', status.FAILED_PRECONDITION],
  ['forbidden', 'ERROR_PLUGIN_STATE_CHANGE', status.FAILED_PRECONDITION],
])('is UNAVAILABLE only while that may pass: %s', async (failure, code, told) => {
  registry.failure = new RegistryError(failure, 'Why it is so.');
  const { service } = open();
  const refusal = { code, status: told, message: expect.stringContaining('Why it is so.') as string };
  await expect(service.newestVersion('p')).rejects.toMatchObject(refusal);
  const known = failure === 'not-found' ? { code: 'ERROR_PLUGIN_IMAGE_NOT_FOUND' } : refusal;
  await expect(service.version('p', '1.9.0')).rejects.toMatchObject(known);
});

it('asks the mirror, where there is one', async () => {
  const { catalog } = open('https://mirror.test/proxy/{registry}');
  await versionsOf(catalog);
  expect(registry.asked).toEqual(['tags https://mirror.test/proxy/registry.test-5000/team/plugin-p']);
});
