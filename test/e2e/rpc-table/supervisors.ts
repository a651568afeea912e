import type { Given } from '../../support/worlds.js';
import { PLUGIN, VERSION } from '../../support/worlds.js';
import { casesOf, exactly, foreign, own, refused, type RpcCase, type Row, UNKNOWN } from './rpc-case.js';

const unknown = { ...own, supervisor_id: UNKNOWN };
const instance = { plugin_id: PLUGIN, version: VERSION };
const notFound = (id: string) =>
  refused('ERROR_NOT_FOUND', `supervisor_id could not be found. (supervisor_id = ${id})`);

/** What each action makes of each state; `-` is refused. */
const moves: Readonly<Record<string, Readonly<Partial<Record<Given, string>>>>> = {
  register: {
    PENDING: 'ENABLED',
    ENABLED: '-',
    DISABLED: '-',
    // It is accepted, and ENABLED as soon as it is heard from.
    DISCONNECTED: 'DISCONNECTED',
    'DISCONNECTED, never registered': 'DISCONNECTED',
  },
  enable: {
    PENDING: '-',
    ENABLED: 'ENABLED',
    DISABLED: 'ENABLED',
    DISCONNECTED: 'DISCONNECTED',
    'DISCONNECTED, never registered': 'DISCONNECTED',
  },
  disable: {
    PENDING: '-',
    ENABLED: 'DISABLED',
    DISABLED: 'DISABLED',
    DISCONNECTED: 'DISABLED',
    'DISCONNECTED, never registered': 'DISABLED',
  },
};

const stateCases = Object.entries(moves).flatMap(([action, byState]) =>
  casesOf(
    action,
    Object.entries(byState).map(([state, becomes]): Row => [
      `a supervisor that is ${state}`,
      state as Given,
      own,
      becomes === '-'
        ? refused(
            'ERROR_SUPERVISOR_STATE',
            `Supervisor state does not allow it. (supervisor_id = $supervisor, state = ${state}, action = ${action})`,
          )
        : { supervisor_id: '$supervisor', state: becomes },
    ]),
  ),
);

/** A supervisor that nobody has, one of another domain, and a public one of another domain. */
const foreignCases: RpcCase[] = ['register', 'update', 'deregister', 'enable', 'disable'].flatMap((method) =>
  casesOf(method, [
    ['an unknown supervisor', 'nothing', unknown, notFound(UNKNOWN)],
    ['a supervisor of another domain', 'PENDING', foreign, notFound('$supervisor')],
    ['a public supervisor of another domain', 'public', foreign, notFound('$supervisor')],
  ]),
);

const settings = { name: 'renamed', priority: 7, is_public: true, labels: { zone: 'b', n: 1 }, tags: { owner: 'me' } };
const { priority: _, ...shown } = settings;

const updates = casesOf('update', [
  ['nothing', 'ENABLED', own, { name: 'one', labels: { zone: 'a' }, tags: { team: 'x' }, is_public: false }],
  ['everything', 'ENABLED', { ...own, ...settings }, { ...shown, state: 'ENABLED', hostname: 'host-1' }],
  ['a PENDING one', 'PENDING', { ...own, name: 'renamed' }, { name: 'renamed', state: 'PENDING' }],
  ['a DISABLED one', 'DISABLED', { ...own, name: 'renamed' }, { name: 'renamed', state: 'DISABLED' }],
  ['a DISCONNECTED one', 'DISCONNECTED', { ...own, name: 'new' }, { name: 'new', state: 'DISCONNECTED' }],
  ['an empty name, which is none', 'ENABLED', { ...own, name: '' }, { name: 'one' }],
  ['labels, to none', 'ENABLED', { ...own, labels: {} }, { labels: exactly({}), tags: { team: 'x' } }],
  ['labels that look like operators', 'ENABLED', { ...own, labels: { $gt: '' } }, { labels: { $gt: '' } }],
  [
    'a name of 256 characters',
    'ENABLED',
    { ...own, name: 'x'.repeat(256) },
    refused('ERROR_INVALID_PARAMETER', 'key = name'),
  ],
]);

const registers = casesOf('register', [
  ['with settings', 'PENDING', { ...own, ...settings }, { ...shown, state: 'ENABLED' }],
]);

const deregisters = casesOf('deregister', [
  ...(['PENDING', 'ENABLED', 'DISABLED', 'DISCONNECTED', 'public'] as const).map((state): Row => [
    `a supervisor that is ${state}`,
    state,
    own,
    {},
  ]),
  ...(['PROVISIONING', 'ACTIVE', 'RE_PROVISIONING', 'ERROR'] as const).map((state): Row => [
    `a supervisor with a plugin in ${state}`,
    state,
    own,
    refused(
      'ERROR_INSTALLED_PLUGIN_EXIST',
      'Plugins are installed on the supervisor: remove or move them first. (supervisor_id = $supervisor, count = 1)',
    ),
  ]),
]);

const gets = casesOf('get', [
  ...(['PENDING', 'ENABLED', 'DISABLED', 'DISCONNECTED'] as const).map((state): Row => [
    `a supervisor that is ${state}`,
    state,
    own,
    { supervisor_id: '$supervisor', name: 'one', hostname: 'host-1', state, domain_id: '$domain', is_public: false },
  ]),
  ['an unknown supervisor', 'nothing', unknown, notFound(UNKNOWN)],
  ['a supervisor of another domain', 'ENABLED', foreign, notFound('$supervisor')],
  [
    'a public supervisor of another domain',
    'public',
    foreign,
    { supervisor_id: '$supervisor', domain_id: '$domain', is_public: true },
  ],
]);

const recoverable = { ...own, ...instance };
const recovers = casesOf('recover_plugin', [
  ...(['ACTIVE', 'ERROR'] as const).map((state): Row => [
    `a plugin in ${state}`,
    state,
    recoverable,
    { ...instance, state: 'RE_PROVISIONING', endpoint: '', supervisor_id: '$supervisor', domain_id: '$domain' },
  ]),
  ...(['PROVISIONING', 'RE_PROVISIONING'] as const).map((state): Row => [
    `a plugin in ${state}`,
    state,
    recoverable,
    refused(
      'ERROR_NOT_SUPPORT_RECOVER_PLUGIN',
      `Only a plugin in ERROR or ACTIVE can be recovered. (plugin_id = ${PLUGIN}, version = ${VERSION}, state = ${state})`,
    ),
  ]),
]);

/** Both speak of an instance; to a domain that has nothing to do with it there is none. */
const instanceCases = ['recover_plugin', 'notify_failure'].flatMap((method) =>
  casesOf(
    method,
    (
      [
        ['an instance of another domain', 'ACTIVE', { domain_id: '$stranger' }],
        ['another version', 'ACTIVE', { version: '1.2.1' }],
        ['another plugin', 'ACTIVE', { plugin_id: 'plugin-x' }],
        ['an unknown supervisor', 'ACTIVE', { supervisor_id: UNKNOWN }],
        ['a supervisor that has no plugin', 'ENABLED', {}],
      ] as const
    ).map(([name, given, changes]): Row => [
      name,
      given,
      { ...recoverable, ...changes },
      refused('ERROR_NOT_FOUND', 'installed_plugin could not be found. (installed_plugin = '),
    ]),
  ),
);

const failures = casesOf('notify_failure', [
  ...(['PROVISIONING', 'ACTIVE', 'RE_PROVISIONING', 'ERROR'] as const).map((state): Row => [
    `a plugin in ${state}`,
    state,
    recoverable,
    {},
  ]),
  ['by the domain that asked for it', 'ACTIVE for a stranger', { ...recoverable, domain_id: '$stranger' }, {}],
  ['by the domain of the supervisor', 'ACTIVE for a stranger', recoverable, {}],
]);

export const supervisors: RpcCase[] = [
  ...stateCases,
  ...foreignCases,
  ...registers,
  ...updates,
  ...deregisters,
  ...gets,
  ...recovers,
  ...instanceCases,
  ...failures,
];
