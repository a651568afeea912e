import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { packageRoot } from '../../src/config/package-root.js';
import { type Transport, transports } from '../support/caller.js';
import { eventually } from '../support/eventually.js';
import { goodClaims, issuer, type Issuer } from '../support/jwt.js';
import { ServerProcess } from '../support/server-process.js';

const version = (name: string) => ({ version: name, process: { command: ['node', 'main.js'] } });
const catalog = {
  plugins: [
    {
      plugin_id: 'plugin-a',
      name: 'Alpha',
      resource_type: 'inventory.Collector',
      image: 'cloudforet/plugin-a',
      provider: 'aws',
      registry_type: 'HARBOR',
      registry_url: 'harbor.example',
      registry_config: { user: 'robot', password: 'secret-1' },
      capability: { supported_schema: ['aws_access_key'] },
      labels: ['Compute', 'aws'],
      tags: { icon: 'https://x/a.svg', 'app.io/name': 'alpha' },
      docs: { en: '# Alpha' },
      created_at: '2024-01-02T03:04:05Z',
      versions: ['1.2.9', '1.2.10', '2.0.0-rc.1', 'latest'].map(version),
    },
    { plugin_id: 'plugin-b', resource_type: 'monitoring.Webhook', provider: 'aws', state: 'DISABLED', versions: [] },
    { plugin_id: 'plugin-c', name: 'gamma', resource_type: 'monitoring.Webhook', versions: ['1.0.0'].map(version) },
  ],
};
const alpha = {
  plugin_id: 'plugin-a',
  name: 'Alpha',
  state: 'ENABLED',
  resource_type: 'inventory.Collector',
  image: 'cloudforet/plugin-a',
  provider: 'aws',
  registry_type: 'HARBOR',
  registry_url: 'harbor.example',
  registry_config: { user: 'robot', password: 'secret-1' },
  capability: { supported_schema: ['aws_access_key'] },
  labels: ['Compute', 'aws'],
  tags: { icon: 'https://x/a.svg', 'app.io/name': 'alpha' },
  docs: { en: '# Alpha' },
  repository_info: { repository_id: 'repo-berth', name: 'Berth', repository_type: 'MANAGED' },
  created_at: '2024-01-02T03:04:05.000Z',
  updated_at: '2024-01-02T03:04:05.000Z',
};

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ catalog, env: { BERTH_AGENT: 'none' } });
});
afterAll(() => server.stop());

describe.each(transports)('the catalog as a repository service over %s', (transport) => {
  const ids = async (request: object) => {
    const { results, total_count } = await server.call.ok(transport, 'repository.list', request);
    return [total_count, ((results ?? []) as { plugin_id: string }[]).map(({ plugin_id }) => plugin_id)];
  };
  const filter = (k: string, o: string, v: unknown) => ({ query: { filter: [{ k, o, v }] } });

  it('answers a plugin with all that its image is found by', async () => {
    const request = { plugin_id: 'plugin-a', repository_id: 'repo-1' };
    expect(await server.call.ok(transport, 'repository.get', request)).toEqual(alpha);
    expect(await server.call.ok(transport, 'repository.get', { plugin_id: 'plugin-b' })).toEqual({
      plugin_id: 'plugin-b',
      name: 'plugin-b',
      state: 'DISABLED',
      resource_type: 'monitoring.Webhook',
      provider: 'aws',
      // Supervisors read these without asking whether they are there.
      image: 'plugin-b',
      registry_url: 'registry.invalid',
      registry_type: 'DOCKER_HUB',
      registry_config: {},
      repository_info: alpha.repository_info,
    });
  });

  it.each(['register', 'update', 'deregister', 'enable', 'disable'])('has no %s, and says so', async (method) => {
    expect(await server.call.send(transport, `repository.${method}`, { plugin_id: 'plugin-a' })).toMatchObject({
      status: transport === 'grpc' ? 'UNIMPLEMENTED' : 501,
      code: 'ERROR_UNSUPPORTED_API',
      message: expect.stringContaining(`method = Plugin.${method}`) as string,
    });
  });

  it('answers the versions, newest first', async () => {
    expect(await server.call.ok(transport, 'repository.get_versions', { plugin_id: 'plugin-a' })).toMatchObject({
      results: ['2.0.0-rc.1', '1.2.10', '1.2.9', 'latest'],
      total_count: 4,
    });
  });

  it.each([
    ['repository.get', { plugin_id: 'plugin-x' }, 'ERROR_PLUGIN_NOT_FOUND', 'plugin_id = plugin-x'],
    ['repository.get_versions', { plugin_id: 'plugin-x' }, 'ERROR_PLUGIN_NOT_FOUND', 'plugin_id = plugin-x'],
    ['repository.get', { plugin_id: '__proto__' }, 'ERROR_PLUGIN_NOT_FOUND', '__proto__'],
    ['repository.get', {}, 'ERROR_REQUIRED_PARAMETER', 'key = plugin_id'],
    ['repository.list', filter('secret', 'eq', 1), 'ERROR_DB_QUERY', 'secret'],
    ['repository.list', filter('name', 'regex', '(a+)+$'), 'ERROR_DB_QUERY', 'query.filter[0]'],
    ['repository.list', filter('name', 'eq', 5), 'ERROR_OPERATOR_VALUE_TYPE', 'query.filter[0]'],
  ])('%s refuses %j', async (method, request, code, text) => {
    const answer = await server.call.send(transport, method, request);
    expect(answer).toMatchObject({ code, message: expect.stringContaining(text) });
  });

  it.each<[object, [number, string[]]]>([
    [{}, [3, ['plugin-a', 'plugin-c', 'plugin-b']]],
    [{ provider: 'aws' }, [2, ['plugin-a', 'plugin-b']]],
    [{ state: 'DISABLED' }, [1, ['plugin-b']]],
    [{ resource_type: 'monitoring.Webhook', name: 'gamma' }, [1, ['plugin-c']]],
    [{ registry_type: 'HARBOR' }, [1, ['plugin-a']]],
    [filter('repository_info.repository_type', 'eq', 'MANAGED'), [3, ['plugin-a', 'plugin-c', 'plugin-b']]],
    [{ plugin_id: 'plugin-c' }, [1, ['plugin-c']]],
    [filter('labels', 'eq', 'aws'), [1, ['plugin-a']]],
    [filter('labels', 'contain', 'COMP'), [1, ['plugin-a']]],
    [filter('tags', 'match', { 'app.io/name': 'alpha' }), [1, ['plugin-a']]],
    [filter('name', 'regex', '^(al|ga)'), [2, ['plugin-a', 'plugin-c']]],
    [filter('created_at', 'datetime_gt', '2024-01-01'), [1, ['plugin-a']]],
    [{ query: { keyword: 'GAM aws' } }, [3, ['plugin-a', 'plugin-c', 'plugin-b']]],
    [{ query: { sort: [{ key: 'plugin_id', desc: true }], page: { start: 2, limit: 1 } } }, [3, ['plugin-b']]],
  ])('list answers %j', async (request, [total, found]) => {
    expect(await ids(request)).toEqual([total, found]);
  });

  it('answers no rows where only their number is wanted, and the fields that are asked for', async () => {
    expect(await ids({ query: { count_only: true } })).toEqual([3, []]);
    const only = { query: { only: ['name', 'tags.icon'], filter: [{ k: 'plugin_id', o: 'eq', v: 'plugin-a' }] } };
    expect(await server.call.ok(transport, 'repository.list', only)).toEqual({
      results: [{ name: 'Alpha', tags: { icon: 'https://x/a.svg' } }],
      total_count: 1,
    });
  });

  it('deploys no plugin that is disabled', async () => {
    const request = { plugin_id: 'plugin-b', version: '1.0.0', domain_id: 'domain-a' };
    expect(await server.call.send(transport, 'get_plugin_endpoint', request)).toMatchObject({
      code: 'ERROR_PLUGIN_STATE_CHANGE',
      message: expect.stringContaining('plugin_id = plugin-b') as string,
    });
  });
});

describe('where callers have to say who they are', () => {
  let directory: string;
  let keys: Issuer;
  let closed: ServerProcess;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'berth-catalog-'));
    keys = await issuer('key-1');
    writeFileSync(join(directory, 'jwks.json'), JSON.stringify({ keys: [keys.jwk] }));
    const env = { BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: join(directory, 'jwks.json'), BERTH_AGENT: 'none' };
    closed = await ServerProcess.start({ catalog, env });
  });
  afterAll(async () => {
    await closed.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const headers = async (transport: Transport, claims: object): Promise<Record<string, string>> => {
    const token = await keys.sign({ ...goodClaims(), ...claims });
    return transport === 'grpc' ? { token } : { authorization: `Bearer ${token}` };
  };
  const member = { rol: 'WORKSPACE_MEMBER' };
  const admin = { rol: 'DOMAIN_ADMIN' };

  it.each(transports)('tells the secrets of registries to those alone who may run plugins, over %s', async (over) => {
    const [asMember, asAdmin] = [await headers(over, member), await headers(over, admin)];
    const request = { plugin_id: 'plugin-a' };
    const { registry_config, ...open } = alpha;
    expect(await closed.call.ok(over, 'repository.get', request, asMember)).toEqual({ ...open, registry_config: {} });
    expect(await closed.call.ok(over, 'repository.get', request, asAdmin)).toEqual({ ...open, registry_config });

    const guess = { query: { filter: [{ k: 'registry_config.password', o: 'regex', v: '^secret' }] } };
    expect((await closed.call.ok(over, 'repository.list', guess, asMember))['results'] ?? []).toEqual([]);
    expect((await closed.call.ok(over, 'repository.list', guess, asAdmin))['results']).toHaveLength(1);
    const listed = JSON.stringify(await closed.call.ok(over, 'repository.list', {}, asMember));
    expect(listed).not.toContain('secret-1');
    expect(listed).toContain('plugin-a');
    expect(await closed.call.send(over, 'repository.get', request)).toMatchObject({
      code: 'ERROR_AUTHENTICATE_FAILURE',
    });
  });
});

it('takes a changed file, and goes on with the last good one when the change is bad', async () => {
  const path = join(server.directory, 'catalog.yaml');
  const good = readFileSync(path, 'utf8');
  const read = parse(good) as typeof catalog;
  const count = async () => (await server.call.ok('grpc', 'repository.list', {}))['total_count'];
  writeFileSync(path, stringify({ plugins: read.plugins.slice(1) }));
  await eventually(async () => expect(await count()).toBe(2));
  writeFileSync(path, stringify({ plugins: [{ ...read.plugins[1], state: 'PERHAPS' }] }));
  await eventually(async () => {
    expect(await count()).toBe(2);
    expect(server.log).toContain('value = PERHAPS');
  });
  expect(server.log).toContain('plugins[0].state');
  writeFileSync(path, good);
  await eventually(async () => expect(await count()).toBe(3));
});

it('does not start without a usable catalog, and says which', async () => {
  const env = { BERTH_CATALOG: join(packageRoot, 'no-such-catalog.yaml') };
  await expect(ServerProcess.start({ env })).rejects.toThrow(
    /The catalog .*no-such-catalog\.yaml is not usable.*ENOENT/,
  );
});
