import { PLUGIN, VERSION } from '../../support/worlds.js';
import { casesOf, exactly, refused, type Row, type RpcCase } from './rpc-case.js';

const who = { name: 'one', hostname: 'host-1', domain_id: '$domain' };
const running = { plugin_id: PLUGIN, version: VERSION, state: 'ACTIVE', endpoint: '$endpoint' };
const published = (...plugins: object[]) => ({ ...who, plugin_info: plugins });

/** What no endpoint can be, and what a supervisor says that does not know one. */
const wrongEndpoints = [
  'http://127.0.0.1:80',
  'grpc://127.0.0.1',
  'grpc://169.254.169.254:80',
  'grpc://[fe80::1]:50051',
  'grpc://user:secret@host:50051',
  'grpc://host:50051/path',
  'grpc://host:99999',
  'file:///etc/passwd',
  'Unknown',
];

export const publish: RpcCase[] = casesOf('publish', [
  [
    'for the first time',
    'nothing',
    { ...who, labels: ['zone=a', 'gpu'], tags: { team: 'x' } },
    { ...who, state: 'PENDING', is_public: false, labels: { zone: 'a', gpu: '' }, tags: { team: 'x' } },
  ],
  [
    'as `root`, which is public',
    'nothing',
    { ...who, name: 'root' },
    { name: 'root', is_public: true, state: 'PENDING' },
  ],
  ['as public', 'nothing', { ...who, is_public: true }, { is_public: true }],
  ['again', 'PENDING', who, { supervisor_id: '$supervisor', labels: { zone: 'a' }, tags: { team: 'x' } }],
  [
    'again, under another name and with other labels',
    'ENABLED',
    { ...who, name: 'two', labels: ['zone=b'], tags: {} },
    { supervisor_id: '$supervisor', name: 'two', labels: { zone: 'b' }, tags: {}, state: 'ENABLED' },
  ],
  ...(['ENABLED', 'DISABLED'] as const).map((state): Row => [
    `while it is ${state}`,
    state,
    who,
    { supervisor_id: '$supervisor', state },
  ]),
  ['after it was DISCONNECTED', 'DISCONNECTED', who, { supervisor_id: '$supervisor', state: 'ENABLED' }],
  [
    'after it was DISCONNECTED, never registered',
    'DISCONNECTED, never registered',
    who,
    { supervisor_id: '$supervisor', state: 'PENDING' },
  ],
  ['the same hostname in another domain', 'ENABLED', { ...who, domain_id: '$stranger' }, { state: 'PENDING' }],
  ['the same name on another host', 'ENABLED', { ...who, hostname: 'host-2' }, { name: 'one', state: 'PENDING' }],
  ['without labels, which keeps them', 'ENABLED', who, { labels: { zone: 'a' } }],
  ['no labels, which takes them away', 'ENABLED', { ...who, labels: [] }, { labels: exactly({}) }],
  ['a secret key, which is not told', 'nothing', { ...who, secret_key: 'hidden' }, { state: 'PENDING' }],
  ['labels that are alike but for their value', 'nothing', { ...who, labels: ['a=1', 'a=2'] }, { labels: { a: '2' } }],
  ['a label with more of the sign', 'nothing', { ...who, labels: ['a=b=c'] }, { labels: { a: 'b=c' } }],
  ['tags that look like operators', 'nothing', { ...who, tags: { $set: { x: 1 } } }, { tags: { $set: { x: 1 } } }],
  ['a plugin that runs', 'ACTIVE', published(running), { supervisor_id: '$supervisor' }],
  ['a plugin that nobody asked for', 'ENABLED', published(running), { supervisor_id: '$supervisor' }],
  ['a plugin without a state', 'ACTIVE', published({ ...running, state: 'NONE' }), { supervisor_id: '$supervisor' }],
  [
    'two instances of a plugin',
    'ACTIVE',
    published(running, { ...running, endpoint: 'grpc://127.0.0.1:50052', state: 'ERROR' }),
    { supervisor_id: '$supervisor' },
  ],
  ['an instance without an endpoint', 'ACTIVE', published({ ...running, endpoint: '' }), { state: 'ENABLED' }],
  [
    'a plugin without id',
    'ENABLED',
    published(running, { ...running, plugin_id: '' }),
    refused('ERROR_REQUIRED_PARAMETER', '(key = plugin_info[1].plugin_id)'),
  ],
  [
    'a plugin without version',
    'ENABLED',
    published({ plugin_id: PLUGIN }),
    refused('ERROR_REQUIRED_PARAMETER', '(key = plugin_info[0].version)'),
  ],
  ...wrongEndpoints.map((endpoint): Row => [
    `a plugin at ${endpoint}`,
    'ACTIVE',
    published({ ...running, endpoint }),
    { supervisor_id: '$supervisor', state: 'ENABLED' },
  ]),
  [
    'one wrong endpoint among several',
    'ACTIVE',
    published({ ...running, endpoints: ['$endpoint', 'grpc://0.0.0.0:80'] }),
    { supervisor_id: '$supervisor', state: 'ENABLED' },
  ],
  [
    'a secret key of 1,001 characters',
    'nothing',
    { ...who, secret_key: 'x'.repeat(1_001) },
    refused('ERROR_INVALID_PARAMETER', 'key = secret_key'),
  ],
]);
