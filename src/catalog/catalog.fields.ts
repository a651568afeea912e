import { defineFields } from '../query/index.js';

/** What queries may name of a plugin of the catalog. */
export const catalogFields = defineFields({
  fields: {
    plugin_id: { type: 'string', path: '_id' },
    name: { type: 'string' },
    state: { type: 'string' },
    resource_type: { type: 'string' },
    image: { type: 'string' },
    provider: { type: 'string' },
    registry_type: { type: 'string' },
    registry_url: { type: 'string' },
    registry_config: { type: 'map' },
    capability: { type: 'map' },
    labels: { type: 'any', list: true },
    tags: { type: 'map' },
    docs: { type: 'map' },
    domain_id: { type: 'string' },
    repository_info: { type: 'map' },
    created_at: { type: 'datetime' },
    updated_at: { type: 'datetime' },
  },
  identity: 'plugin_id',
  keywordFields: ['plugin_id', 'name', 'provider'],
  minimalFields: ['plugin_id', 'name', 'state', 'resource_type', 'provider'],
  defaultSort: [{ key: 'name' }],
});
