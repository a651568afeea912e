import 'reflect-metadata';
import { beforeEach, expect, it } from 'vitest';
import type { ChangeFeed } from '../change-feed/change-feed.service.js';
import { bindingId } from '../installed-plugin/installed-plugin.js';
import type { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import type { SupervisorService } from '../supervisor/supervisor.service.js';
import { pluginDefaults } from '../berth.options.js';
import { CallLog } from './call-log.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { Installed, request, Supervisors } from './rooms.fixture.js';

let installed: Installed;
let directory: EndpointDirectory;
let gap: () => void;

beforeEach(() => {
  installed = new Installed();
  directory = new EndpointDirectory(
    installed as unknown as InstalledPluginService,
    new Supervisors() as unknown as SupervisorService,
    { onGap: (listener: () => void) => (gap = listener) } as unknown as ChangeFeed,
    new CallLog(),
    { ...pluginDefaults, directoryMax: 3 },
  );
});

const keyOf = (domainId: string) => ({ ...request, domainId });
const idOf = (domainId: string) => bindingId(keyOf(domainId));

async function load(domainId: string): Promise<void> {
  await directory.load(async () => {
    const binding = await installed.bind(keyOf(domainId), { supervisorId: 's1', supervisorDomainId: 'domain-s' });
    const target = { supervisorId: 's1', supervisorDomainId: 'domain-s' };
    return { binding, plugin: await installed.ensure(binding, target) };
  });
}

/** Domains whose bindings are in memory. */
const known = () => [...directory.entries()].map(({ binding }) => binding.domainId).sort();

it('keeps the bindings that were asked for last', async () => {
  for (const domain of ['a', 'b', 'c']) await load(domain);
  expect(directory.get(idOf('a'))).toBeDefined();
  await load('d');
  expect(known()).toEqual(['a', 'c', 'd']);
  expect(directory.get(idOf('b'))).toBeUndefined();
});

it('does not count it as asking that all are looked through', async () => {
  for (const domain of ['a', 'b', 'c']) await load(domain);
  directory.get(idOf('b'));
  known();
  await load('d');
  expect(known()).toEqual(['b', 'c', 'd']);
});

it('keeps what is waited for, however many others come, and wakes who waits', async () => {
  await load('a');
  const waiting = directory.changed(idOf('a'), new AbortController().signal);
  for (const domain of ['b', 'c', 'd', 'e', 'f']) await load(domain);
  expect(known()).toEqual(['a', 'd', 'e', 'f']);
  installed.change('s1', { state: 'ACTIVE', endpoints: ['grpc://h:1'] });
  await waiting;
  expect(directory.get(idOf('a'))?.plugin.endpoints).toEqual(['grpc://h:1']);
  await load('g');
  expect(known()).toEqual(['a', 'f', 'g']);
});

it('forgets an instance with the last binding to it, and follows it again when it is read again', async () => {
  await load('a');
  for (const domain of ['b', 'c', 'd']) {
    await directory.load(async () => {
      const key = { ...keyOf(domain), pluginId: `plugin-${domain}` };
      const target = { supervisorId: 's1', supervisorDomainId: 'domain-s' };
      const binding = await installed.bind(key, target);
      return { binding, plugin: await installed.ensure(binding, target) };
    });
  }
  expect(directory.get(idOf('a'))).toBeUndefined();
  installed.change('s1', { state: 'ACTIVE', endpoints: ['grpc://h:1'] });
  await load('a');
  expect(directory.get(idOf('a'))?.plugin.state).toBe('ACTIVE');
  installed.change('s1', { state: 'RE_PROVISIONING', endpoints: [] });
  expect(directory.get(idOf('a'))?.plugin.state).toBe('RE_PROVISIONING');
});

it('wakes who waits when changes were missed', async () => {
  await load('a');
  const waiting = directory.changed(idOf('a'), new AbortController().signal);
  gap();
  await waiting;
  expect(known()).toEqual([]);
});

it('does not keep what was read before changes were missed', async () => {
  const target = { supervisorId: 's1', supervisorDomainId: 'domain-s' };
  const binding = await installed.bind(keyOf('a'), target);
  const plugin = await installed.ensure(binding, target);
  await directory.load(() => {
    gap();
    return Promise.resolve({ binding, plugin });
  });
  expect(directory.get(idOf('a'))).toBeUndefined();
  await load('a');
  expect(directory.get(idOf('a'))).toBeDefined();
});
