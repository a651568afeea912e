import { PLUGIN, VERSION } from '../../support/worlds.js';
import { casesOf, exactly, refused, type Row, type RpcCase } from './rpc-case.js';

const mine = { domain_id: '$domain' };
const theirs = { domain_id: '$stranger' };
const asked = (query: object) => ({ ...mine, query });
const where = (k: string, o: string, v: unknown) => asked({ filter: [{ k, v, o }] });
const names = (...found: string[]) => ({ results: found.map((name) => ({ name })), total_count: found.length });
const bad = (name: string, query: object, code: string, text: string): Row => [
  name,
  'ENABLED',
  asked(query),
  refused(code, text),
];

/** What every query refuses, whatever it asks. */
const badQueries: readonly Row[] = [
  bad('an unknown operator', { filter: [{ k: 'hostname', v: 1, o: '$where' }] }, 'ERROR_DB_QUERY', 'query.filter[0]'),
  bad('an unknown field', { filter: [{ k: 'epoch', v: 1, o: 'eq' }] }, 'ERROR_DB_QUERY', 'epoch'),
  bad('a filter without a key', { filter: [{ v: 'x', o: 'eq' }] }, 'ERROR_REQUIRED_PARAMETER', 'query.filter[0].k'),
  bad(
    'in without a list',
    { filter: [{ k: 'hostname', v: 'x', o: 'in' }] },
    'ERROR_OPERATOR_LIST_VALUE_TYPE',
    'filter[0]',
  ),
  bad(
    'exists without a boolean',
    { filter: [{ k: 'hostname', v: 'x', o: 'exists' }] },
    'ERROR_OPERATOR_BOOLEAN_TYPE',
    '[0]',
  ),
  bad('regex that cannot be', { filter: [{ k: 'hostname', v: '(', o: 'regex' }] }, 'ERROR_DB_QUERY', 'query.filter[0]'),
  bad('a page of 1,001 rows', { page: { start: 1, limit: 1_001 } }, 'ERROR_INVALID_PARAMETER', 'query.page.limit'),
  bad('an unknown sort key', { sort: [{ key: 'no_such' }] }, 'ERROR_DB_QUERY', 'query.sort[0]'),
  bad('only an unknown field', { only: ['no_such'] }, 'ERROR_DB_QUERY', 'query.only'),
  bad('add_fields', { add_fields: { a: '$b' } }, 'ERROR_INVALID_PARAMETER', 'query.add_fields, reason = not supported'),
  bad(
    'lookup',
    { lookup: [{ from: 'supervisors' }] },
    'ERROR_INVALID_PARAMETER',
    'query.lookup, reason = not supported',
  ),
];

const list = casesOf('list', [
  ['all that the domain may see', 'several', mine, names('alpha', 'beta', 'gamma', 'root')],
  ['what another domain may see', 'several', theirs, names('root')],
  ['what a domain without any may see', 'ENABLED', theirs, { results: [], total_count: 0 }],
  ['by supervisor_id', 'several', { ...mine, supervisor_id: '$second' }, names('beta')],
  ["by another domain's supervisor_id", 'several', { ...theirs, supervisor_id: '$second' }, names()],
  ['by nothing, said with empty strings', 'ENABLED', { ...mine, supervisor_id: '', name: '' }, names('one')],
  ['by name', 'several', { ...mine, name: 'gamma' }, names('gamma')],
  ['public ones', 'several', { ...mine, is_public: true }, names('root')],
  ['by a state', 'several', where('state', 'eq', 'DISABLED'), names('beta')],
  ['by states', 'several', where('state', 'in', ['PENDING', 'ENABLED']), names('alpha', 'gamma', 'root')],
  ['by hostname', 'several', where('hostname', 'contain', 'HOST-B'), names('beta')],
  ['by a label', 'several', where('labels.zone', 'eq', 'b'), names('beta', 'gamma')],
  ['by a label that must be there', 'several', where('labels.gpu', 'exists', true), names('alpha')],
  ['by a tag', 'several', where('tags.team', 'not', 'x'), names('gamma')],
  [
    'by either of two filters',
    'several',
    asked({
      filter_or: [
        { k: 'name', v: 'beta', o: 'eq' },
        { k: 'name', v: 'alpha', o: 'eq' },
      ],
    }),
    names('alpha', 'beta'),
  ],
  ['by keyword', 'several', asked({ keyword: 'alph host-c' }), names('alpha', 'gamma')],
  ['sorted', 'several', asked({ sort: [{ key: 'hostname', desc: true }] }), names('root', 'gamma', 'beta', 'alpha')],
  [
    'the second page',
    'several',
    asked({ page: { start: 2, limit: 2 } }),
    { results: [{ name: 'beta' }, { name: 'gamma' }], total_count: 4 },
  ],
  ['how many', 'several', asked({ count_only: true }), { results: [], total_count: 4 }],
  [
    'what is asked for alone',
    'ENABLED',
    asked({ only: ['name'] }),
    { results: [exactly({ name: 'one' })], total_count: 1 },
  ],
  [
    'minimal',
    'ENABLED',
    asked({ minimal: true }),
    {
      results: [
        exactly({
          supervisor_id: '$supervisor',
          name: 'one',
          state: 'ENABLED',
          is_public: false,
          labels: { zone: 'a' },
        }),
      ],
    },
  ],
  [
    'a value that looks like an operator',
    'several',
    where('name', 'eq', { $gt: '' }),
    refused('ERROR_OPERATOR_VALUE_TYPE', 'query.filter[0]'),
  ],
  ...badQueries,
]);

const stat = casesOf('stat', [
  [
    'the distinct values of a field',
    'several',
    { ...mine, query: { distinct: 'hostname' } },
    { results: ['host-a', 'host-b', 'host-c', 'host-r'] },
  ],
  ['of a domain without any', 'ENABLED', { ...theirs, query: { distinct: 'hostname' } }, { results: [] }],
  [
    'a count by a label',
    'several',
    {
      ...mine,
      query: {
        filter: [{ k: 'is_public', v: false, o: 'eq' }],
        aggregate: [
          {
            group: { keys: [{ k: 'labels.zone', n: 'zone' }], fields: [{ n: 'count', o: 'count' }] },
          },
          { sort: [{ key: 'zone' }] },
        ],
      },
    },
    {
      results: [
        { zone: 'a', count: 1 },
        { zone: 'b', count: 2 },
      ],
    },
  ],
  ['a count', 'several', { ...mine, query: { aggregate: [{ count: { name: 'all' } }] } }, { results: [{ all: 4 }] }],
  ['nothing', 'ENABLED', { ...mine, query: { keyword: 'x' } }, refused('ERROR_REQUIRED_PARAMETER', 'aggregate')],
  [
    'an unknown group operator',
    'ENABLED',
    { ...mine, query: { aggregate: [{ group: { fields: [{ n: 'x', k: 'name', o: '$function' }] } }] } },
    refused('ERROR_DB_QUERY', 'query.aggregate[0]'),
  ],
  [
    'a field that is nobody else’s',
    'ENABLED',
    { ...mine, query: { distinct: 'announced' } },
    refused('ERROR_DB_QUERY', 'announced'),
  ],
]);

const row = { plugin_id: PLUGIN, version: VERSION, supervisor_id: '$supervisor', supervisor_name: 'one' };
const active = { ...row, state: 'ACTIVE', endpoint: '$endpoint', endpoints: ['$endpoint'], domain_id: '$domain' };
const found = (...results: object[]) => ({ results, total_count: results.length });

const listPlugins = casesOf('list_plugins', [
  ['of a supervisor that has none', 'ENABLED', mine, found()],
  ...(['PROVISIONING', 'RE_PROVISIONING', 'ERROR'] as const).map((state): Row => [
    `in ${state}`,
    state,
    mine,
    found({ ...row, state, endpoint: '', domain_id: '$domain' }),
  ]),
  ['in ACTIVE', 'ACTIVE', mine, found({ ...active, managed: true })],
  ['by hostname', 'ACTIVE', { ...mine, hostname: 'host-1' }, found(active)],
  [
    'by nothing, said with empty strings',
    'ACTIVE',
    { ...mine, hostname: '', plugin_id: '', version: '', supervisor_id: '', endpoint: '' },
    found(active),
  ],
  ['by another hostname', 'ACTIVE', { ...mine, hostname: 'host-2' }, found()],
  ['by state', 'ACTIVE', { ...mine, state: 'ACTIVE' }, found(active)],
  ['by another state', 'ACTIVE', { ...mine, state: 'ERROR' }, found()],
  ['by no state', 'ACTIVE', { ...mine, state: 'NONE' }, found(active)],
  ['by endpoint', 'ACTIVE', { ...mine, endpoint: '$endpoint' }, found(active)],
  [
    'by any of its endpoints',
    'ACTIVE twice',
    { ...mine, endpoint: 'grpc://127.0.0.1:2' },
    found({ ...active, endpoints: ['$endpoint', 'grpc://127.0.0.1:2'] }),
  ],
  ['by another endpoint', 'ACTIVE', { ...mine, endpoint: 'grpc://127.0.0.1:1' }, found()],
  ['by plugin and version', 'ACTIVE', { ...mine, plugin_id: PLUGIN, version: VERSION }, found(active)],
  ['by another version', 'ACTIVE', { ...mine, plugin_id: PLUGIN, version: '1.2.1' }, found()],
  ['by supervisor', 'ACTIVE', { ...mine, supervisor_id: '$supervisor' }, found(active)],
  ['by another supervisor', 'ACTIVE', { ...mine, supervisor_id: 'supervisor-0' }, found()],
  ['of another domain', 'ACTIVE', theirs, found()],
  ['of another domain, by supervisor', 'ACTIVE', { ...theirs, supervisor_id: '$supervisor' }, found()],
  [
    'that a public supervisor runs for another domain, asked by its own',
    'ACTIVE for a stranger',
    mine,
    found({ ...active, domain_id: '$stranger' }),
  ],
  [
    'that a public supervisor runs for another domain, asked by that one',
    'ACTIVE for a stranger',
    theirs,
    found({ ...active, domain_id: '$stranger' }),
  ],
  ['by a filter on the supervisor’s name', 'ACTIVE', where('supervisor_name', 'contain', 'ON'), found(active)],
  ['by a filter on the hostname', 'ACTIVE', where('hostname', 'regex', '^host-[0-9]$'), found(active)],
  ['by a filter on the state', 'ACTIVE', where('state', 'not', 'ACTIVE'), found()],
  ['by keyword', 'ACTIVE', asked({ keyword: 'aws-sns' }), found(active)],
  ['how many', 'ACTIVE', asked({ count_only: true }), { results: [], total_count: 1 }],
  ['only the endpoint', 'ACTIVE', asked({ only: ['endpoint'] }), { results: [exactly({ endpoint: '$endpoint' })] }],
  ...badQueries,
]);

export const lists: RpcCase[] = [...list, ...stat, ...listPlugins];
