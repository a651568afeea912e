import { describe, expect, it } from 'vitest';
import { ADDRESS_FORM } from '../common/grpc/grpc-address.js';
import { PluginInfo_State, PluginQuery_State } from '../generated/spaceone/api/plugin/v1/supervisor.js';
import { installed } from '../installed-plugin/installed-plugin.fixture.js';
import type { PluginInfoDto } from './dto/plugin-info.dto.js';
import { supervisor } from './supervisor.fixture.js';
import {
  toPluginInfo,
  toPluginMatch,
  toPluginRow,
  toPublishedPlugin,
  toSettings,
  toSupervisorMatch,
} from './supervisor-request.mapper.js';

const HERE = 'grpc://10.0.0.1:50051';
const THERE = 'grpc://10.0.0.2:50051';
const NOWHERE = 'grpc://169.254.169.254:80';

describe('what a supervisor publishes', () => {
  const published = (info: Partial<PluginInfoDto>) => toPublishedPlugin({ plugin_id: 'p', version: '1', ...info });

  it.each<[string, Partial<PluginInfoDto>, string, string[]]>([
    ['ACTIVE', { state: PluginInfo_State.ACTIVE, endpoint: HERE }, 'SERVING', [HERE]],
    ['without a state', { endpoint: HERE }, 'SERVING', [HERE]],
    ['with several endpoints', { endpoint: THERE, endpoints: [HERE, THERE] }, 'SERVING', [HERE, THERE]],
    ['with one that is usable', { endpoints: [NOWHERE, HERE] }, 'SERVING', [HERE]],
    ['with none of several that is usable', { endpoint: HERE, endpoints: [NOWHERE] }, 'SERVING', [HERE]],
    ['PROVISIONING', { state: PluginInfo_State.PROVISIONING, endpoint: HERE }, 'STARTING', [HERE]],
    ['RE_PROVISIONING', { state: PluginInfo_State.RE_PROVISIONING }, 'STARTING', []],
    ['ERROR', { state: PluginInfo_State.ERROR }, 'FAILED', []],
    ['ERROR with an endpoint', { state: PluginInfo_State.ERROR, endpoint: HERE }, 'FAILED', [HERE]],
  ])('%s', (_, info, phase, endpoints) => {
    expect(published(info)).toEqual({ pluginId: 'p', version: '1', phase, endpoints });
  });

  it.each<[string, Partial<PluginInfoDto>, string]>([
    ['names no endpoint', { state: PluginInfo_State.ACTIVE }, 'its supervisor names no endpoint'],
    ['names empty ones', { endpoint: '', endpoints: [''] }, 'its supervisor names no endpoint'],
    [
      'names one that nobody may be sent to',
      { endpoint: NOWHERE },
      `its supervisor names no endpoint that can be used (endpoint = ${NOWHERE}, is an address that no plugin can have)`,
    ],
    [
      'names several of them',
      { endpoint: HERE.replace('grpc', 'http'), endpoints: ['', 'nonsense'] },
      `its supervisor names no endpoint that can be used (endpoint = nonsense, ${ADDRESS_FORM})`,
    ],
  ])('is not handed out, and says why, where it %s', (_, info, reason) => {
    expect(published(info)).toEqual({ pluginId: 'p', version: '1', phase: 'STARTING', endpoints: [], reason });
  });
});

describe('requests', () => {
  it('set what they name: an empty name is none', () => {
    const settings = { is_public: false, priority: 0, labels: { a: 1 }, tags: { b: 2 } };
    expect(toSettings({ supervisor_id: 's1', domain_id: 'd', name: '', ...settings })).toEqual({
      ...{ name: undefined, isPublic: false, priority: 0, labels: { a: 1 }, tags: { b: 2 } },
    });
    expect(toSettings({ supervisor_id: 's1', domain_id: 'd', name: 'n' }).name).toBe('n');
  });

  it('ask for supervisors by what they name', () => {
    expect(toSupervisorMatch({ domain_id: 'd', supervisor_id: '', name: '' })).toEqual({});
    expect(toSupervisorMatch({ domain_id: 'd', supervisor_id: 's', name: 'n', is_public: false })).toEqual({
      ...{ supervisorId: 's', name: 'n', isPublic: false },
    });
  });

  it('ask for instances by what they name: no state is any', () => {
    const fields = { supervisor_id: 's', hostname: 'h', plugin_id: 'p', version: '1', endpoint: HERE };
    const state = PluginQuery_State.ACTIVE;
    expect(toPluginMatch({ domain_id: 'd', ...fields, state })).toEqual({ ...fields, state });
    const empty = Object.fromEntries(Object.keys(fields).map((field) => [field, '']));
    expect(toPluginMatch({ domain_id: 'd', ...empty, state: PluginQuery_State.NONE })).toEqual({});
  });
});

describe('an instance as it is answered', () => {
  const plugin = installed({ domainId: 'domain-first', supervisorDomainId: 'domain-own', endpoints: [HERE, THERE] });
  const info = {
    plugin_id: 'plugin-a',
    version: '1.0.0',
    state: PluginInfo_State.ACTIVE,
    endpoint: HERE,
    managed: true,
    endpoints: [HERE, THERE],
    supervisor_id: 's1',
  };

  it('tells the domain of its supervisor who asked for it first, and others of themselves alone', () => {
    expect(toPluginInfo(plugin, supervisor('s1', { name: 'one' }), 'domain-own')).toEqual({
      ...info,
      ...{ domain_id: 'domain-first', supervisor_name: 'one' },
    });
    expect(toPluginInfo({ ...plugin, endpoints: [] }, undefined, 'domain-other')).toEqual({
      ...info,
      ...{ domain_id: 'domain-other', supervisor_name: '', endpoint: '', endpoints: [] },
    });
  });

  it('tells of a row what was asked for, and nothing that is for the server', () => {
    const row = { ...info, domain_id: 'd', supervisor_name: 'one' };
    expect(toPluginRow({ ...row, own: true, told: 1, _id: 'x' })).toEqual(row);
    expect(toPluginRow({ plugin_id: 'p', endpoint: undefined })).toEqual({ plugin_id: 'p' });
  });
});
