import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(async () => {
  // None of it was answered with INTERNAL, and the server is alive.
  expect(server.log).not.toContain('Unforeseen');
  expect((await fetch(`${server.http}/health/ready`)).status).toBe(200);
  await server.stop();
});

const INVALID = { grpc: 'INVALID_ARGUMENT', rest: 400 };
const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-a' };

/** A request that no server should take, and what both transports say to it. */
type Case = [name: string, method: string, body: unknown, code: string, text: string];

const both: Case[] = [
  [
    'no plugin_id',
    'get_plugin_endpoint',
    { ...request, plugin_id: undefined },
    'ERROR_REQUIRED_PARAMETER',
    '(key = plugin_id)',
  ],
  [
    'an empty plugin_id',
    'get_plugin_endpoint',
    { ...request, plugin_id: '' },
    'ERROR_REQUIRED_PARAMETER',
    '(key = plugin_id)',
  ],
  [
    'no domain_id',
    'get_plugin_endpoint',
    { ...request, domain_id: undefined },
    'ERROR_REQUIRED_PARAMETER',
    '(key = domain_id)',
  ],
  [
    'no version',
    'get_plugin_endpoint',
    { ...request, version: undefined },
    'ERROR_REQUIRED_PARAMETER',
    '(key = version)',
  ],
  [
    'an overlong plugin_id',
    'get_plugin_endpoint',
    { ...request, plugin_id: 'x'.repeat(300) },
    'ERROR_INVALID_PARAMETER',
    'key = plugin_id',
  ],
  [
    'too much in labels',
    'get_plugin_endpoint',
    { ...request, labels: { a: 'x'.repeat(3_000) } },
    'ERROR_INVALID_PARAMETER',
    'key = labels',
  ],
  [
    'an unknown version',
    'get_plugin_endpoint',
    { ...request, version: '9.9.9' },
    'ERROR_INVALID_PLUGIN_VERSION',
    'version = 9.9.9',
  ],
  ['no supervisor_id', 'notify_failure', { ...request }, 'ERROR_REQUIRED_PARAMETER', '(key = supervisor_id)'],
  ['no name', 'publish', { hostname: 'h', domain_id: 'd' }, 'ERROR_REQUIRED_PARAMETER', '(key = name)'],
  [
    'a published plugin without id',
    'publish',
    { name: 'n', hostname: 'h', domain_id: 'd', plugin_info: [{ version: '1' }] },
    'ERROR_REQUIRED_PARAMETER',
    '(key = plugin_info[0].plugin_id)',
  ],
  [
    'an unknown operator',
    'list',
    { domain_id: 'd', query: { filter: [{ k: 'name', v: 'x', o: '$where' }] } },
    'ERROR_DB_QUERY',
    'query.filter[0]',
  ],
  [
    'an unknown field',
    'list',
    { domain_id: 'd', query: { filter: [{ k: 'epoch', v: 1, o: 'eq' }] } },
    'ERROR_DB_QUERY',
    'epoch',
  ],
];

const restOnly: Case[] = [
  [
    'a number for plugin_id',
    'get_plugin_endpoint',
    { ...request, plugin_id: 5 },
    'ERROR_INVALID_PARAMETER_TYPE',
    '(key = plugin_id, type = string)',
  ],
  [
    'an object for plugin_id',
    'get_plugin_endpoint',
    { ...request, plugin_id: { $gt: '' } },
    'ERROR_INVALID_PARAMETER_TYPE',
    '(key = plugin_id, type = string)',
  ],
  [
    'a list for labels',
    'get_plugin_endpoint',
    { ...request, labels: [] },
    'ERROR_INVALID_PARAMETER_TYPE',
    '(key = labels, type = object)',
  ],
  [
    'an unknown enum name',
    'get_plugin_endpoint',
    { ...request, upgrade_mode: 'SOON' },
    'ERROR_INVALID_PARAMETER',
    'value = SOON',
  ],
  [
    'an unknown field',
    'get_plugin_endpoint',
    { ...request, plugin: 'x' },
    'ERROR_INVALID_PARAMETER',
    '(key = plugin, reason = unknown field)',
  ],
  [
    'a prototype key',
    'get_plugin_endpoint',
    '{"plugin_id":"a","domain_id":"d","__proto__":{"version":"1"}}',
    'ERROR_INVALID_ARGUMENT',
    'reason',
  ],
  ['malformed JSON', 'get_plugin_endpoint', '{"plugin_id":', 'ERROR_INVALID_ARGUMENT', 'JSON'],
  ['an empty body', 'get_plugin_endpoint', '', 'ERROR_INVALID_ARGUMENT', 'reason'],
  ['a list', 'get_plugin_endpoint', [], 'ERROR_INVALID_PARAMETER_TYPE', '(key = request, type = object)'],
  ['null', 'get_plugin_endpoint', 'null', 'ERROR_REQUIRED_PARAMETER', 'key ='],
  [
    'a body over 1 MiB',
    'get_plugin_endpoint',
    { ...request, version: 'x'.repeat(1_100_000) },
    'ERROR_INVALID_ARGUMENT',
    'too large',
  ],
  [
    'a string for is_public',
    'list',
    { domain_id: 'd', is_public: 'yes' },
    'ERROR_INVALID_PARAMETER_TYPE',
    '(key = is_public, type = boolean)',
  ],
];

describe.each(transports)('over %s', (transport) => {
  it.each(both)('%s', async (_, method, body, code, text) => {
    const answer = await server.call.send(transport, method, body);
    expect(answer).toMatchObject({ code, status: INVALID[transport] });
    expect(answer.message).toContain(text);
  });

  it('an unknown plugin', async () => {
    const answer = await server.call.send(transport, 'get_plugin_endpoint', { ...request, plugin_id: 'plugin-x' });
    expect(answer).toMatchObject({ code: 'ERROR_PLUGIN_NOT_FOUND', status: transport === 'grpc' ? 'NOT_FOUND' : 404 });
  });

  it('no supervisor with such labels', async () => {
    const answer = await server.call.send(transport, 'get_plugin_endpoint', { ...request, labels: { zone: 'moon' } });
    expect(answer).toMatchObject({
      code: 'ERROR_NO_POSSIBLE_SUPERVISOR',
      status: transport === 'grpc' ? 'FAILED_PRECONDITION' : 400,
      message:
        'There is no supervisor to run plugin. (plugin_id = plugin-aws-sns-mon-webhook, labels = {"zone":"moon"})',
    });
  });

  it('a foreign instance, answered as an unknown one', async () => {
    const supervisors = await server.call.ok(transport, 'list', { domain_id: 'domain-a' });
    const [{ supervisor_id } = {}] = supervisors['results'] as { supervisor_id?: string }[];
    const foreign = { ...request, supervisor_id, domain_id: 'domain-stranger' };
    const unknown = { ...foreign, plugin_id: 'plugin-x' };
    const [first, second] = [
      await server.call.send(transport, 'notify_failure', foreign),
      await server.call.send(transport, 'notify_failure', unknown),
    ];
    expect(first).toMatchObject({ code: 'ERROR_NOT_FOUND' });
    expect(second).toMatchObject({ code: 'ERROR_NOT_FOUND', status: first.status });
  });
});

describe('over rest alone', () => {
  it.each(restOnly)('%s', async (_, method, body, code, text) => {
    const answer = await server.call.send('rest', method, body);
    expect(answer).toMatchObject({ code, status: 400 });
    expect(answer.message).toContain(text);
  });

  it('an unknown route', async () => {
    const response = await fetch(`${server.http}/plugin/v1/plugin/no-such-thing`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ detail: { code: 'ERROR_NOT_FOUND' } });
  });

  it('another content type', async () => {
    const response = await fetch(`${server.http}/plugin/v1/plugin/get-plugin-endpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: '<x/>',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: { code: 'ERROR_INVALID_ARGUMENT' } });
  });
});

describe('over grpc alone', () => {
  const name = Buffer.from('plugin-x');
  it.each<[string, Buffer, string]>([
    ['random bytes', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 'ERROR_INVALID_ARGUMENT'],
    ['a truncated field', Buffer.from([0x0a, 0x7f, 0x41]), 'ERROR_INVALID_ARGUMENT'],
    ['an overlong varint', Buffer.from([0x18, ...Array<number>(12).fill(0xff)]), 'ERROR_INVALID_ARGUMENT'],
    [
      'an unknown enum number',
      Buffer.concat([Buffer.from([0x0a, name.length]), name, Buffer.from([0x18, 9, 0xaa, 0x01, 1, 0x64])]),
      'ERROR_INVALID_PARAMETER',
    ],
    ['a plugin_id of another wire type', Buffer.from([0x08, 5]), 'ERROR_REQUIRED_PARAMETER'],
    [
      'a message over 1 MiB',
      Buffer.concat([Buffer.from([0x12, 0x80, 0x80, 0x60]), Buffer.alloc(1_572_864, 0x61)]),
      'ERROR_INVALID_ARGUMENT',
    ],
    ['a Struct 10,000 levels deep', nested(10_000), 'ERROR_INVALID_ARGUMENT'],
  ])('%s', async (_, bytes, code) => {
    expect(await server.call.raw('get_plugin_endpoint', bytes)).toMatchObject({ code, status: 'INVALID_ARGUMENT' });
  });
});

/** labels = {"a": {"a": … }} as protobuf: each level wraps the one before as Value, map entry and Struct. */
function nested(levels: number): Buffer {
  const field = (tag: number, body: Buffer) => {
    const length: number[] = [];
    for (let left = body.length; ; left >>>= 7) {
      length.push(left > 127 ? (left & 127) | 128 : left);
      if (left <= 127) break;
    }
    return Buffer.concat([Buffer.from([tag, ...length]), body]);
  };
  let struct = Buffer.alloc(0);
  for (let level = 0; level < levels; level++) {
    const value = field(0x2a, struct);
    struct = field(0x0a, Buffer.concat([Buffer.from([0x0a, 1, 0x61]), field(0x12, value)]));
  }
  return field(0x22, struct);
}
