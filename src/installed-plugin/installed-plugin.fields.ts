import { defineFields } from '../query/index.js';

/** What queries may name of an installed plugin, joined with its supervisor. */
export const installedPluginFields = defineFields({
  fields: {
    plugin_id: { type: 'string' },
    version: { type: 'string' },
    state: { type: 'string' },
    endpoint: { type: 'string' },
    endpoints: { type: 'string', list: true },
    managed: { type: 'boolean' },
    domain_id: { type: 'string' },
    supervisor_id: { type: 'string' },
    supervisor_name: { type: 'string' },
    hostname: { type: 'string' },
    installed_plugin_id: { type: 'string', path: '_id' },
  },
  identity: 'installed_plugin_id',
  keywordFields: ['supervisor_id', 'hostname', 'plugin_id'],
  minimalFields: ['plugin_id', 'version', 'state', 'endpoint', 'supervisor_id'],
  defaultSort: [{ key: 'plugin_id' }, { key: 'version' }],
});
