import { PLUGIN, VERSION } from '../../support/worlds.js';
import { casesOf, refused, type Row, type RpcCase } from './rpc-case.js';

const asked = { plugin_id: PLUGIN, version: VERSION, domain_id: '$domain' };
const served = { endpoint: '$endpoint', access_token: '', updated_version: VERSION };
const nobody = (labels: string) =>
  refused(
    'ERROR_NO_POSSIBLE_SUPERVISOR',
    `There is no supervisor to run plugin. (plugin_id = ${PLUGIN}, labels = ${labels})`,
  );

/** What is wrong with the plugin that is asked for, whatever is asked of it. */
const wrongPlugins: readonly (readonly [name: string, changes: object, code: string, text: string])[] = [
  ['no version', { version: undefined }, 'ERROR_REQUIRED_PARAMETER', 'Required parameter. (key = version)'],
  ['MANUAL and no version', { version: '', upgrade_mode: 'MANUAL' }, 'ERROR_REQUIRED_PARAMETER', '(key = version)'],
  ['an unknown plugin', { plugin_id: 'plugin-x' }, 'ERROR_PLUGIN_NOT_FOUND', '(plugin_id = plugin-x)'],
  [
    'AUTO and an unknown plugin',
    { plugin_id: 'plugin-x', upgrade_mode: 'AUTO' },
    'ERROR_PLUGIN_NOT_FOUND',
    '(plugin_id = plugin-x)',
  ],
  [
    'an unknown version',
    { version: '9.9.9' },
    'ERROR_INVALID_PLUGIN_VERSION',
    `(plugin_id = ${PLUGIN}, version = 9.9.9, known = 1.2.2 1.2.1)`,
  ],
];
const wrong = (request: object): Row[] =>
  wrongPlugins.map(([name, changes, code, text]) => [name, 'ACTIVE', { ...request, ...changes }, refused(code, text)]);

const endpoints = casesOf('get_plugin_endpoint', [
  ['a plugin that is ACTIVE', 'ACTIVE', asked, served],
  ['AUTO', 'ACTIVE', { ...asked, upgrade_mode: 'AUTO' }, served],
  ['AUTO, whatever the version', 'ACTIVE', { ...asked, upgrade_mode: 'AUTO', version: '1.2.1' }, served],
  ['AUTO, whatever is no version', 'ACTIVE', { ...asked, upgrade_mode: 'AUTO', version: '9.9.9' }, served],
  ['without labels, as with none', 'ACTIVE', { ...asked, labels: {} }, served],
  ['what a stranger had deployed on a public supervisor', 'ACTIVE for a stranger', asked, served],
  ['by the stranger', 'ACTIVE for a stranger', { ...asked, domain_id: '$stranger' }, served],
  ['labels that the supervisor has', 'ACTIVE', { ...asked, labels: { zone: 'a' } }, served],
  ['a label of another value', 'ACTIVE', { ...asked, labels: { zone: 'b' } }, nobody('{"zone":"b"}')],
  ['a label that it lacks', 'ACTIVE', { ...asked, labels: { gpu: '' } }, nobody('{"gpu":""}')],
  ['labels that look like operators', 'ACTIVE', { ...asked, labels: { $ne: '1' } }, nobody('{"$ne":"1"}')],
  ['no supervisor', 'nothing', asked, nobody('{}')],
  ['a supervisor of another domain alone', 'ENABLED', { ...asked, domain_id: '$stranger' }, nobody('{}')],
  ...(['PENDING', 'DISABLED', 'DISCONNECTED'] as const).map((state): Row => [
    `a supervisor that is ${state} alone`,
    state,
    asked,
    nobody('{}'),
  ]),
  ...(['PROVISIONING', 'RE_PROVISIONING'] as const).map((state): Row => [
    `a plugin that stays in ${state}`,
    state,
    asked,
    refused(
      'ERROR_INSTALL_PLUGIN_TIMEOUT',
      `Plugin was not ready in time. (plugin_id = ${PLUGIN}, version = ${VERSION}, phase = ${state}`,
    ),
  ]),
  ['a plugin in ERROR', 'ERROR', asked, refused('ERROR_PLUGIN_FAILURE', `Plugin does not run. (plugin_id = ${PLUGIN}`)],
  [
    'too much in labels',
    'ACTIVE',
    { ...asked, labels: { a: 'x'.repeat(3_000) } },
    refused('ERROR_INVALID_PARAMETER', '(key = labels, reason = must have at most 2000 characters in all'),
  ],
  ...wrong(asked),
]);

const { domain_id: _, ...withoutDomain } = asked;
const metadata = casesOf('get_plugin_metadata', [
  ['a plugin that is ACTIVE', 'ACTIVE', withoutDomain, { metadata: { provider: 'aws', version: VERSION } }],
  ['AUTO', 'ACTIVE', { plugin_id: PLUGIN, upgrade_mode: 'AUTO' }, { metadata: {} }],
  ['options', 'ACTIVE', { ...withoutDomain, options: { any: [1, null, { deep: true }] } }, { metadata: {} }],
  ['no supervisor', 'nothing', withoutDomain, nobody('{}')],
  ['a plugin in ERROR', 'ERROR', withoutDomain, refused('ERROR_PLUGIN_FAILURE', 'Plugin does not run.')],
  [
    'a plugin that does not answer',
    'ACTIVE, not there',
    withoutDomain,
    refused('ERROR_PLUGIN_FAILURE', `Plugin did not answer. (plugin_id = ${PLUGIN}, endpoint = grpc://127.0.0.1:1)`),
  ],
  ...wrong(withoutDomain),
]).map((each): RpcCase => ({ ...each, domain: '$domain' }));

const withoutAny = casesOf('get_plugin_metadata', [
  [
    'no domain',
    'ACTIVE',
    withoutDomain,
    refused('ERROR_REQUIRED_PARAMETER', 'Required parameter. (key = x_domain_id)'),
  ],
]);

export const plugins: RpcCase[] = [...endpoints, ...metadata, ...withoutAny];
