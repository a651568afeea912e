import { defineFields } from '../query/index.js';

/** What queries may name of a supervisor. */
export const supervisorFields = defineFields({
  fields: {
    supervisor_id: { type: 'string', path: '_id' },
    name: { type: 'string' },
    hostname: { type: 'string' },
    state: { type: 'string' },
    is_public: { type: 'boolean' },
    priority: { type: 'number' },
    labels: { type: 'map' },
    tags: { type: 'map' },
    domain_id: { type: 'string' },
    created_at: { type: 'datetime' },
    updated_at: { type: 'datetime' },
  },
  identity: 'supervisor_id',
  keywordFields: ['supervisor_id', 'name', 'hostname'],
  minimalFields: ['supervisor_id', 'name', 'state', 'is_public', 'labels'],
  defaultSort: [{ key: 'name' }],
});
