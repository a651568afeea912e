import { describe, expect, it } from 'vitest';
import { toBinding, toDeliveries, toInstalledPlugin, toTransitioned } from './installed-plugin.mapper.js';
import type { InstalledPluginDocument } from './installed-plugin.schema.js';
import type { InstalledPluginRefDocument } from './installed-plugin-ref.schema.js';

const instance = {
  _id: 's1/p@1',
  supervisor_id: 's1',
  supervisor_domain_id: 'domain-b',
  plugin_id: 'p',
  version: '1',
  domain_id: 'domain-a',
  state: 'ACTIVE',
  state_reason: 'why',
  created_at: new Date(5),
  generation: 3,
  observed_generation: 2,
  after_incarnation: 6,
  incarnation: 7,
  endpoints: ['grpc://127.0.0.1:1'],
  private_to: 'domain-a',
  restarts: 4,
  next_start_at: new Date(9),
  revision: 11,
} as InstalledPluginDocument;

it('reads an instance', () => {
  expect(toInstalledPlugin(instance)).toEqual({
    id: 's1/p@1',
    supervisorId: 's1',
    supervisorDomainId: 'domain-b',
    pluginId: 'p',
    version: '1',
    domainId: 'domain-a',
    privateTo: 'domain-a',
    state: 'ACTIVE',
    stateReason: 'why',
    fault: 'PASSING',
    createdAt: 5,
    generation: 3,
    observedGeneration: 2,
    afterIncarnation: 6,
    incarnation: 7,
    endpoints: ['grpc://127.0.0.1:1'],
    restarts: 4,
    nextStartAt: new Date(9),
    retiring: false,
    revision: 11,
  });
});

it('takes what was written before plugins could be private for what every domain may use', () => {
  const { private_to: _, ...before } = instance;
  expect(toInstalledPlugin(before as InstalledPluginDocument).privateTo).toBe('');
  expect(toBinding({ _id: 'd/p/1/', selector: [] } as unknown as InstalledPluginRefDocument).privateTo).toBe('');
});

it.each([
  [undefined, false],
  [null, false],
  ['mark', true],
])('takes an instance with the mark %s for one that is about to be removed: %s', (retiring, expected) => {
  expect(toInstalledPlugin({ ...instance, retiring } as InstalledPluginDocument).retiring).toBe(expected);
});

it('reads what became of an instance', () => {
  const subject = {
    ...{
      kind: 'installed_plugin',
      id: 's1/p@1',
      supervisorId: 's1',
      domainId: 'domain-b',
      pluginId: 'p',
      version: '1',
    },
  };
  expect(toTransitioned(instance)).toEqual({ ...subject, transitions: [] });
  const transitions = [{ to: 'ACTIVE' }] as NonNullable<InstalledPluginDocument['transitions']>;
  expect(toTransitioned({ ...instance, transitions })).toEqual({ ...subject, transitions });
});

describe('a binding', () => {
  const binding = {
    _id: 'domain-a/p/1/zone=a',
    domain_id: 'domain-a',
    plugin_id: 'p',
    version: '1',
    selector: [{ key: 'zone', value: 'a' }],
    supervisor_id: 's1',
    installed_plugin_id: 's1/p@1',
    private_to: 'domain-a',
    revision: 3,
  } as InstalledPluginRefDocument;

  it('is read with the labels that it names, and shares one empty object where it names none', () => {
    expect(toBinding(binding)).toEqual({
      id: 'domain-a/p/1/zone=a',
      domainId: 'domain-a',
      pluginId: 'p',
      version: '1',
      selector: { zone: 'a' },
      supervisorId: 's1',
      installedPluginId: 's1/p@1',
      privateTo: 'domain-a',
      idle: false,
      revision: 3,
    });
    const { selector } = toBinding({ ...binding, selector: [] });
    expect(selector).toEqual({});
    expect(toBinding({ ...binding, selector: [] }).selector).toBe(selector);
  });

  it('is idle once it is marked', () => {
    expect(toBinding({ ...binding, idle_since: null }).idle).toBe(false);
    expect(toBinding({ ...binding, idle_since: new Date(0) }).idle).toBe(true);
  });
});

describe('what a supervisor without a link is told by the rows of a query', () => {
  const row = {
    ...{ _id: 's1/p@1', state: 'RE_PROVISIONING', own: true, linked: false, generation: 2 },
    ...{ told: 1, told_at: 4, publishes: 5 },
  };

  it('is counted for whole rows of the own domain', () => {
    const delivery = { id: 's1/p@1', state: 'RE_PROVISIONING', generation: 2, told: 1, toldAt: 4, publishes: 5 };
    expect(toDeliveries([row, row])).toEqual([delivery, delivery]);
  });

  it('was never told where nothing is known of it', () => {
    const { told: _told, told_at: _toldAt, publishes: _publishes, linked: _linked, ...young } = row;
    expect(toDeliveries([young])).toMatchObject([{ told: 0, toldAt: 0, publishes: 0 }]);
  });

  it.each([{ own: false }, { linked: true }, { _id: undefined }, { generation: undefined }, { state: undefined }])(
    'is not counted with %o',
    (changes) => expect(toDeliveries([{ ...row, ...changes }])).toEqual([]),
  );
});
