import { defineFields } from '../../src/query/fields/queryable-fields.js';

/** A resource that has a field of every type. */
export const sampleFields = defineFields({
  fields: {
    supervisor_id: { type: 'string', path: '_id' },
    name: { type: 'string' },
    hostname: { type: 'string' },
    state: { type: 'string' },
    is_public: { type: 'boolean' },
    priority: { type: 'number' },
    labels: { type: 'map' },
    tags: { type: 'map' },
    endpoints: { type: 'string', list: true },
    plugins: { type: 'map', list: true },
    restarts: { type: 'number', path: 'stats.restarts' },
    created_at: { type: 'datetime' },
  },
  identity: 'supervisor_id',
  keywordFields: ['supervisor_id', 'name', 'hostname'],
  minimalFields: ['supervisor_id', 'name', 'state', 'is_public', 'labels'],
  defaultSort: [{ key: 'created_at', desc: true }],
});

/** A Wednesday. */
export const NOW = new Date('2026-03-18T15:04:05.678Z');
