import { PLUGIN, VERSION } from '../../support/worlds.js';
import { refused, type RpcCase, UNKNOWN } from './rpc-case.js';

const id = { supervisor_id: UNKNOWN, domain_id: '$domain' };
const instance = { ...id, plugin_id: PLUGIN, version: VERSION };

/** For each method a request that has all that it needs, and nothing else. */
const requests: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  publish: { name: 'one', hostname: 'host-1', domain_id: '$domain' },
  register: id,
  update: id,
  deregister: id,
  enable: id,
  disable: id,
  get: id,
  list: { domain_id: '$domain' },
  stat: { query: { distinct: 'name' }, domain_id: '$domain' },
  list_plugins: { domain_id: '$domain' },
  recover_plugin: instance,
  notify_failure: instance,
  get_plugin_endpoint: { plugin_id: PLUGIN, version: VERSION, domain_id: '$domain' },
  get_plugin_metadata: { plugin_id: PLUGIN, version: VERSION },
};

const without = (key: string) => refused('ERROR_REQUIRED_PARAMETER', `Required parameter. (key = ${key})`);

/** Every method without each of the parameters that it requires, with an empty one, and with one that is too long. */
export const requiredParameters: RpcCase[] = Object.entries(requests).flatMap(([method, request]) =>
  Object.keys(request).flatMap((key) => {
    const made = (name: string, value: unknown, expected: RpcCase['expected']): RpcCase => ({
      method,
      name,
      given: 'nothing',
      // Where the message does not say the domain, the header would.
      ...(method === 'get_plugin_metadata' && { domain: '$domain' }),
      request: { ...request, [key]: value },
      expected,
    });
    return [
      made(`no ${key}`, undefined, without(key)),
      ...(typeof request[key] === 'string'
        ? [
            made(`an empty ${key}`, '', without(key)),
            made(
              `a ${key} of 256 characters`,
              'x'.repeat(256),
              refused('ERROR_INVALID_PARAMETER', `(key = ${key}, reason = must NOT have more than 255 characters`),
            ),
          ]
        : []),
    ];
  }),
);
