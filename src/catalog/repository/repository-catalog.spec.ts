import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { repositoryBackend } from '../../common/errors/errors.js';
import type { PluginInfo } from '../../generated/spaceone/api/repository/v1/plugin.js';
import { RepositoryCatalog } from './repository-catalog.js';

const SECOND = 1_000;
const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
const log = vi.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);

let time: number;
let service: Service;
let catalog: RepositoryCatalog;

/** A repository service that a test has in its hand. */
class Service {
  readonly asked: string[] = [];
  versions = ['1.0.0'];
  info: PluginInfo | undefined = { resource_type: 'monitoring.Webhook', image: 'a/b' };
  away = false;
  /** While it is set, answers wait for it. */
  pending: Promise<void> | undefined;

  async find(pluginId: string, domainId?: string) {
    this.asked.push(domainId === undefined ? pluginId : `${pluginId} of ${domainId}`);
    await this.pending;
    if (this.away) throw repositoryBackend('away');
    return this.info && { info: { plugin_id: pluginId, ...this.info }, versions: this.versions };
  }

  async list(domainId?: string) {
    this.asked.push(domainId === undefined ? '*' : `* of ${domainId}`);
    await this.pending;
    if (this.away) throw repositoryBackend('away');
    return [{ plugin_id: 'a', ...this.info }];
  }

  close(): void {
    this.asked.push('closed');
  }
}

beforeEach(() => {
  time = 0;
  service = new Service();
  catalog = new RepositoryCatalog(service, () => time);
  warn.mockClear();
  log.mockClear();
});
afterEach(() => vi.useRealTimers());

const versions = async (pluginId = 'a') => (await catalog.find(pluginId))?.versions.map(({ version }) => version);

it('asks once in 300 s, then anew', async () => {
  expect(await versions()).toEqual(['1.0.0']);
  service.versions = ['1.1.0', '1.0.0'];
  time = 300 * SECOND - 1;
  expect(await versions()).toEqual(['1.0.0']);
  expect(service.asked).toEqual(['a']);
  time = 300 * SECOND;
  expect(await versions()).toEqual(['1.1.0', '1.0.0']);
  expect(service.asked).toEqual(['a', 'a']);
});

it('asks once for all who ask at the same time', async () => {
  expect(await Promise.all(Array.from({ length: 50 }, () => versions()))).toEqual(Array(50).fill(['1.0.0']));
  time = 300 * SECOND;
  await Promise.all(Array.from({ length: 50 }, () => versions()));
  await Promise.all([catalog.list(), catalog.list()]);
  expect(service.asked).toEqual(['a', 'a', '*']);
});

it('answers what it knew while the service is away, tries again every 10 s, and tells the log once', async () => {
  await versions();
  await catalog.list();
  service.away = true;
  for (time = 300 * SECOND; time < 330 * SECOND; time += SECOND) {
    expect(await versions()).toEqual(['1.0.0']);
  }
  expect(service.asked.filter((asked) => asked === 'a')).toHaveLength(1 + 3);
  time = 30 * 24 * 3_600 * SECOND;
  expect(await versions()).toEqual(['1.0.0']);
  expect(await catalog.list()).toHaveLength(1);
  expect(warn).toHaveBeenCalledOnce();

  service.away = false;
  service.versions = ['2.0.0'];
  time += 10 * SECOND;
  expect(await versions()).toEqual(['2.0.0']);
  expect(log).toHaveBeenCalledExactlyOnceWith('The repository service answers again.');
});

it('says so where the service was never reached, and asks at once when somebody asks again', async () => {
  service.away = true;
  const refusal = { code: 'ERROR_REPOSITORY_BACKEND' };
  await expect(versions()).rejects.toMatchObject(refusal);
  await expect(catalog.list()).rejects.toMatchObject(refusal);
  service.away = false;
  expect(await versions()).toEqual(['1.0.0']);
});

it('is not away where what the service says of a plugin cannot be used', async () => {
  service.info = { resource_type: 'no type' };
  await expect(versions()).rejects.toMatchObject({
    code: 'ERROR_PLUGIN_STATE_CHANGE',
    message: expect.stringContaining('its resource_type is "no type"') as string,
  });
});

it('does not let callers wait long for newer data where it has old', async () => {
  await versions();
  vi.useFakeTimers();
  let answer = (): void => undefined;
  service.pending = new Promise((resolve) => (answer = resolve));
  service.versions = ['2.0.0'];
  time = 300 * SECOND;
  const waiting = versions();
  await vi.advanceTimersByTimeAsync(2 * SECOND);
  expect(await waiting).toEqual(['1.0.0']);
  // Who comes after that does not wait at all.
  expect(await versions()).toEqual(['1.0.0']);
  answer();
  await vi.advanceTimersByTimeAsync(0);
  expect(await versions()).toEqual(['2.0.0']);
  expect(service.asked).toEqual(['a', 'a']);
});

it('forgets a plugin that the service does not know any more, and asks for unknown ones more often', async () => {
  await versions();
  service.info = undefined;
  time = 300 * SECOND;
  expect(await catalog.find('a')).toBeUndefined();
  time += 29 * SECOND;
  expect(await catalog.find('a')).toBeUndefined();
  expect(service.asked).toHaveLength(2);
  service.info = { resource_type: 'monitoring.Webhook' };
  time += SECOND;
  expect(await catalog.find('a')).toMatchObject({ pluginId: 'a' });
});

it('asks for each domain by itself, and keeps what is said to one for it alone', async () => {
  const registered = { repository_id: 'repo-1', name: 'Local', repository_type: 'LOCAL' };
  service.info = { resource_type: 'a.B', image: 'mine/a', domain_id: 'domain-1', repository_info: registered };
  expect(await catalog.find('a', 'domain-1')).toMatchObject({ domainId: 'domain-1', image: 'mine/a' });
  service.info = { resource_type: 'a.B', image: 'all/a' };
  for (const domain of ['domain-2', undefined, 'domain-2']) {
    expect(await catalog.find('a', domain)).toMatchObject({ image: 'all/a' });
  }
  expect(await catalog.find('a', 'domain-1')).toMatchObject({ domainId: 'domain-1', image: 'mine/a' });
  for (const domain of ['domain-1', 'domain-2', 'domain-1']) await catalog.list(domain);
  expect(service.asked).toEqual(['a of domain-1', 'a of domain-2', 'a', '* of domain-1', '* of domain-2']);
});

it.each<[string, PluginInfo, string | undefined]>([
  ['of the LOCAL repository', { domain_id: 'd', repository_info: { repository_type: 'LOCAL' } }, 'd'],
  ['of no repository', { domain_id: 'd' }, 'd'],
  // The service puts the domain of whoever asks there.
  ['of the MANAGED repository', { domain_id: 'd', repository_info: { repository_type: 'MANAGED' } }, undefined],
  // The domain is one of another installation.
  ['of a REMOTE repository', { domain_id: 'd', repository_info: { repository_type: 'REMOTE' } }, undefined],
  ['of no domain', { repository_info: { repository_type: 'LOCAL' } }, undefined],
])('knows whose a plugin %s is', async (_, info, domainId) => {
  service.info = { resource_type: 'a.B', ...info };
  expect((await catalog.find('a', 'd'))?.domainId).toBe(domainId);
});

it('keeps once what all domains are told alike', async () => {
  const [one, other] = [await catalog.find('a', 'domain-1'), await catalog.find('a', 'domain-2')];
  expect(other).toBe(one);
  service.versions = ['2.0.0'];
  expect(await catalog.find('a', 'domain-3')).not.toBe(one);
});

it('remembers only so many plugins: those that are used', async () => {
  await versions('used');
  for (let plugin = 0; plugin < 5_100; plugin++) {
    await versions(`plugin-${plugin}`);
    if (plugin % 1_000 === 0) await versions('used');
  }
  service.asked.length = 0;
  await versions('used');
  await versions('plugin-5099');
  expect(service.asked).toEqual([]);
  await versions('plugin-1');
  expect(service.asked).toEqual(['plugin-1']);
});

it('reads what the service tells', async () => {
  service.versions = ['1.2.9', '1.2.10', '1.2.9', 'latest'];
  service.info = {
    ...{ name: 'A', state: 'DISABLED', resource_type: 'inventory.Collector', image: 'org/a', provider: 'aws' },
    ...{ registry_type: 'HARBOR', registry_url: 'https://harbor.example/', registry_config: { user: 'robot' } },
    ...{ labels: ['x'], tags: { t: 1 }, docs: { en: '#' }, capability: { c: true } },
    ...{ created_at: '2024-01-02T03:04:05.000Z', updated_at: 'yesterday' },
  } as PluginInfo;
  const container = { image: 'harbor.example/org/a', env: {} };
  expect(await catalog.find('a')).toEqual({
    ...{ pluginId: 'a', name: 'A', state: 'DISABLED', resourceType: 'inventory.Collector', image: 'org/a' },
    ...{ provider: 'aws', registryType: 'HARBOR', registryUrl: 'https://harbor.example/' },
    ...{ registryConfig: { user: 'robot' }, labels: ['x'], tags: { t: 1 }, docs: { en: '#' }, capability: { c: true } },
    createdAt: new Date('2024-01-02T03:04:05Z'),
    versions: ['1.2.10', '1.2.9', 'latest'].map((version) => ({ version, container })),
    preferred: '1.2.10',
  });
});

it('takes what says nothing for nothing', async () => {
  service.info = {
    ...{
      name: '',
      state: 'NONE',
      resource_type: 'a.B',
      image: '',
      registry_type: 'NONE_REGISTRY_TYPE',
      registry_url: '',
    },
  } as PluginInfo;
  expect(await catalog.find('a')).toEqual({
    ...{ pluginId: 'a', name: 'a', state: 'ENABLED', resourceType: 'a.B' },
    versions: [{ version: '1.0.0' }],
    preferred: '1.0.0',
  });
});

it.each<[string, PluginInfo, string]>([
  ['another plugin', { plugin_id: 'b', resource_type: 'a.B' }, 'b for a'],
  ['no resource type', {}, 'resource_type'],
  ['half a resource type', { resource_type: 'Webhook' }, 'Webhook'],
])('does not take %s for an answer', async (_, info, text) => {
  service.info = info;
  await expect(versions()).rejects.toThrow(text);
});
