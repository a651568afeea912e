import { type Example, type Examples, refused } from './example.js';

const supervisor = {
  supervisor_id: 'supervisor-525982f2ae9a',
  name: 'aws',
  hostname: 'host-1',
  state: 'ENABLED',
  is_public: false,
  labels: { zone: 'a' },
  tags: { team: 'x' },
  domain_id: 'domain-1',
  created_at: '2024-01-02T03:04:05.678Z',
  updated_at: '2024-01-02T03:04:05.678Z',
};
const another = (number: number, changes: object) => ({
  ...supervisor,
  supervisor_id: `supervisor-00000000000${number}`,
  name: `spare-${number}`,
  hostname: `host-${number}`,
  labels: {},
  tags: {},
  ...changes,
});
const plugin = {
  plugin_id: 'plugin-aws-sns-mon-webhook',
  version: '1.2.2',
  state: 'ACTIVE',
  endpoint: 'grpc://endpoint-url:50051',
  managed: true,
  endpoints: ['grpc://endpoint-url:50051'],
  domain_id: 'domain-1',
  supervisor_id: 'supervisor-525982f2ae9a',
  supervisor_name: 'aws',
};

const one = (summary: string, request: object, answer: object): Example[] => [
  { name: 'example', summary, request, status: 200, answer },
];

export const supervisorExamples: Examples = {
  '/plugin/v1/supervisor/get': [
    ...one('One supervisor', { supervisor_id: supervisor.supervisor_id }, supervisor),
    {
      name: 'unknown',
      summary: 'One that is not known, or another domain’s',
      request: { supervisor_id: 'supervisor-00000000ffff' },
      status: 404,
      answer: refused('ERROR_NOT_FOUND', 'supervisor_id could not be found. (supervisor_id = supervisor-00000000ffff)'),
    },
  ],
  '/plugin/v1/supervisor/list': [
    ...one(
      'By a query',
      {
        query: {
          filter: [{ k: 'labels.zone', v: 'a', o: 'eq' }],
          sort: [{ key: 'name' }],
          page: { start: 1, limit: 10 },
        },
      },
      { results: [supervisor], total_count: 1 },
    ),
    {
      name: 'unknown-field',
      summary: 'A field that supervisors do not have',
      request: { query: { filter: [{ k: 'colour', v: 'red', o: 'eq' }] } },
      status: 400,
      answer: refused(
        'ERROR_DB_QUERY',
        'Query is invalid. (key = query.filter[0].k, reason = unknown field, value = colour)',
      ),
    },
  ],
  '/plugin/v1/supervisor/stat': one(
    'How many supervisors there are in each zone',
    {
      query: {
        filter: [{ k: 'labels.zone', v: 'a', o: 'eq' }],
        aggregate: [{ group: { keys: [{ k: 'labels.zone', n: 'zone' }], fields: [{ n: 'count', o: 'count' }] } }],
      },
    },
    { results: [{ zone: 'a', count: 1 }] },
  ),
  '/plugin/v1/supervisor/list-plugins': one(
    'What a host runs, or shall run',
    { hostname: 'host-1', version: '1.2.2' },
    { results: [plugin], total_count: 1 },
  ),
  '/plugin/v1/supervisor/publish': one(
    'Who it is, and what it runs',
    {
      name: 'spare-5',
      hostname: 'host-5',
      labels: ['zone=e', 'gpu'],
      tags: { team: 'x' },
      plugin_info: [{ plugin_id: plugin.plugin_id, version: '1.2.2', state: 'ACTIVE', endpoint: plugin.endpoint }],
    },
    another(5, { labels: { zone: 'e', gpu: '' }, tags: { team: 'x' } }),
  ),
  '/plugin/v1/supervisor/register': [
    ...one(
      'One that waits to be accepted',
      { supervisor_id: 'supervisor-000000000002', labels: { zone: 'b' }, priority: 10 },
      another(2, { labels: { zone: 'b' } }),
    ),
    {
      name: 'accepted-already',
      summary: 'One that does not wait',
      request: { supervisor_id: 'supervisor-525982f2ae9a' },
      status: 400,
      answer: refused(
        'ERROR_SUPERVISOR_STATE',
        'Supervisor state does not allow it. (supervisor_id = supervisor-525982f2ae9a, state = ENABLED, action = register)',
      ),
    },
  ],
  '/plugin/v1/supervisor/update': one(
    'Other labels, and another priority',
    { supervisor_id: 'supervisor-000000000003', labels: { zone: 'c' }, priority: 20 },
    another(3, { labels: { zone: 'c' } }),
  ),
  '/plugin/v1/supervisor/disable': one(
    'No new plugins for it',
    { supervisor_id: 'supervisor-000000000006' },
    another(6, { state: 'DISABLED' }),
  ),
  '/plugin/v1/supervisor/enable': one(
    'It gets new plugins again',
    { supervisor_id: 'supervisor-000000000007' },
    another(7, {}),
  ),
  '/plugin/v1/supervisor/recover-plugin': one(
    'One that serves, or that was given up',
    { supervisor_id: 'supervisor-000000000008', plugin_id: plugin.plugin_id, version: '1.2.2' },
    {
      ...plugin,
      state: 'RE_PROVISIONING',
      supervisor_id: 'supervisor-000000000008',
      supervisor_name: 'spare-8',
      endpoint: '',
      endpoints: [],
    },
  ),
  '/plugin/v1/supervisor/deregister': [
    ...one('One that runs nothing', { supervisor_id: 'supervisor-000000000004' }, {}),
    {
      name: 'has-plugins',
      summary: 'One on which plugins are installed',
      request: { supervisor_id: 'supervisor-525982f2ae9a' },
      status: 400,
      answer: refused(
        'ERROR_INSTALLED_PLUGIN_EXIST',
        'Plugins are installed on the supervisor: remove or move them first. (supervisor_id = supervisor-525982f2ae9a, count = 2)',
      ),
    },
  ],
};
