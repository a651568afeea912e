import { type InstalledPlugin, installedPluginId } from './installed-plugin.js';

/** An instance that serves, for tests. */
export const installed = (changes: Partial<InstalledPlugin> = {}): InstalledPlugin => {
  const { supervisorId = 's1', pluginId = 'plugin-a', version = '1.0.0' } = changes;
  return {
    id: installedPluginId(supervisorId, pluginId, version),
    supervisorId,
    supervisorDomainId: 'domain-a',
    pluginId,
    version,
    domainId: 'domain-a',
    privateTo: '',
    state: 'ACTIVE',
    stateReason: '',
    fault: 'PASSING',
    createdAt: 0,
    generation: 1,
    observedGeneration: 1,
    afterIncarnation: 0,
    incarnation: 1,
    endpoints: ['grpc://127.0.0.1:1'],
    restarts: 0,
    nextStartAt: null,
    retiring: false,
    revision: 1,
    ...changes,
  };
};
