import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ServerProcess } from '../support/server-process.js';
import { CloudforetClient, type Told } from './kit/cloudforet-client.js';

const cloudforet = inject('cloudforet');
const AWS = 'plugin-aws-sns-mon-webhook';

/** What Cloudforet's published API package holds: methods with their request and answer, by services. */
const { services } = JSON.parse(readFileSync('test/fixtures/spaceone-api-2.0.435.json', 'utf8')) as {
  services: Record<string, Record<string, [request: string, answer: string]>>;
};
const methodsOf = (service: string) => Object.keys(services[service] ?? {}).sort();
const PLUGIN = methodsOf('spaceone.api.plugin.v1.Plugin');
const SUPERVISOR = methodsOf('spaceone.api.plugin.v1.Supervisor');
const REPOSITORY = methodsOf('spaceone.api.repository.v1.Plugin');

let server: ServerProcess;
let client: CloudforetClient;
let main: string;
let repository: string;

beforeAll(async () => {
  if (cloudforet === undefined) return;
  server = await ServerProcess.start();
  client = CloudforetClient.start(cloudforet);
  main = `grpc://${server.grpc}`;
  repository = `grpc://${server.repository}`;
});
afterAll(async () => {
  await client?.close();
  await server?.stop();
});

/** The answer of a call that succeeds. */
async function ok(method: string, params: object = {}, x_domain_id?: string, endpoint = main) {
  const { ok, error } = await client.call(endpoint, method, params, { x_domain_id });
  expect(error, method).toBeUndefined();
  return ok ?? {};
}

const refusal = async (call: Promise<Told>) => (await call).error;

describe.skipIf(cloudforet === undefined)("Cloudforet's own client", () => {
  it('learns every method by reflection alone, and finds one service of each name on each port', async () => {
    const known = await client.services(main);
    expect(known['Plugin']?.sort()).toEqual(PLUGIN);
    expect(known['Supervisor']?.sort()).toEqual(SUPERVISOR);
    expect((await client.services(repository))['Plugin']?.sort()).toEqual(REPOSITORY);
  });

  it('deploys with MANUAL and with AUTO, and calls the plugin that it is told of', async () => {
    const wish = { plugin_id: AWS, domain_id: 'domain-a' };
    const manual = await ok('Plugin.get_plugin_endpoint', { ...wish, version: '1.2.1', upgrade_mode: 'MANUAL' });
    expect(manual).toMatchObject({ endpoint: expect.stringMatching(/^grpc:/) as string, updated_version: '1.2.1' });
    // As Cloudforet's identity service asks, of a plugin that is upgraded by itself.
    const auto = await ok('Plugin.get_plugin_endpoint', { ...wish, version: null, upgrade_mode: 'AUTO' });
    expect(auto).toMatchObject({ updated_version: '1.2.2' });
    const init = await ok('Webhook.init', { options: {} }, undefined, String(auto['endpoint']));
    expect(init).toMatchObject({ metadata: expect.any(Object) as object });
    const told = await ok('Plugin.get_plugin_metadata', { plugin_id: AWS, version: '1.2.2', options: {} }, 'domain-a');
    expect(told).toEqual(init);
  });

  it('reports a failure, and is told of another endpoint', async () => {
    const wish = { plugin_id: AWS, version: '1.2.2', domain_id: 'domain-f' };
    const { endpoint } = await ok('Plugin.get_plugin_endpoint', wish);
    const { results } = await ok('Supervisor.list_plugins', { domain_id: 'domain-f' });
    const [{ supervisor_id } = {}] = results as Record<string, unknown>[];
    expect(await ok('Plugin.notify_failure', { ...wish, supervisor_id })).toEqual({});
    await expect.poll(async () => (await ok('Plugin.get_plugin_endpoint', wish))['endpoint']).not.toBe(endpoint);
  });

  it('leads a supervisor through its life', async () => {
    const who = { name: 'one', hostname: 'host-1', domain_id: 'domain-s' };
    const info = await ok('Supervisor.publish', { ...who, labels: ['zone=a'], tags: { team: 'x' }, plugin_info: [] });
    expect(info).toMatchObject({ ...who, state: 'ENABLED', labels: { zone: 'a' }, tags: { team: 'x' } });
    const { supervisor_id } = info;
    const it = { supervisor_id, domain_id: 'domain-s' };
    expect(await ok('Supervisor.update', { ...it, labels: { zone: 'b' } })).toMatchObject({ labels: { zone: 'b' } });
    expect(await ok('Supervisor.disable', it)).toMatchObject({ state: 'DISABLED' });
    expect(await ok('Supervisor.enable', it)).toMatchObject({ state: 'ENABLED' });
    expect(await ok('Supervisor.get', it)).toMatchObject({ ...who, supervisor_id });
    const filter = [{ k: 'hostname', v: 'host', o: 'contain' }];
    expect(await ok('Supervisor.list', { domain_id: 'domain-s', query: { filter } })).toMatchObject({
      results: [{ supervisor_id }],
      total_count: 1,
    });
    const count = {
      filter: [{ k: 'domain_id', v: 'domain-s', o: 'eq' }],
      aggregate: [{ group: { keys: [{ key: 'state', name: 'state' }], fields: [{ name: 'n', operator: 'count' }] } }],
    };
    expect(await ok('Supervisor.stat', { domain_id: 'domain-s', query: count })).toEqual({
      results: [{ state: 'ENABLED', n: 1 }],
    });

    const wish = { plugin_id: AWS, version: '1.2.2', domain_id: 'domain-s', labels: { zone: 'b' } };
    // Nobody answers before the supervisor has deployed it: the call that has it wanted is another's.
    const wanted = server.call.send('grpc', 'get_plugin_endpoint', wish);
    await expect
      .poll(() => ok('Supervisor.list_plugins', { domain_id: 'domain-s', hostname: 'host-1' }))
      .toMatchObject({ results: [{ plugin_id: AWS, version: '1.2.2', state: 'PROVISIONING' }] });
    const running = { plugin_id: AWS, version: '1.2.2', state: 'ACTIVE', endpoint: 'grpc://10.0.0.9:50051' };
    await ok('Supervisor.publish', { ...who, plugin_info: [running] });
    expect(await wanted).toMatchObject({ body: { endpoint: 'grpc://10.0.0.9:50051' } });
    expect(await ok('Plugin.get_plugin_endpoint', wish)).toMatchObject({ endpoint: 'grpc://10.0.0.9:50051' });

    expect(await refusal(client.call(main, 'Supervisor.deregister', it))).toMatchObject({
      error_code: 'ERROR_INSTALLED_PLUGIN_EXIST',
      status_code: 'FAILED_PRECONDITION',
    });
    expect(await ok('Supervisor.recover_plugin', { ...it, plugin_id: AWS, version: '1.2.2' })).toMatchObject({
      state: 'RE_PROVISIONING',
    });
    const gone = await ok('Supervisor.publish', { ...who, hostname: 'host-2' });
    const other = { supervisor_id: gone['supervisor_id'], domain_id: 'domain-s' };
    expect(await ok('Supervisor.deregister', other)).toEqual({});
    expect(await refusal(client.call(main, 'Supervisor.get', other))).toMatchObject({ error_code: 'ERROR_NOT_FOUND' });
  });

  it('reads the catalog as a supervisor does, which looks for the image without looking whether there is one', async () => {
    const info = await ok('Plugin.get', { plugin_id: AWS }, 'domain-a', repository);
    expect(info).toMatchObject({ plugin_id: AWS, state: 'ENABLED', resource_type: 'monitoring.Webhook' });
    for (const key of ['image', 'registry_url', 'registry_type', 'registry_config']) expect(info).toHaveProperty(key);
    expect(await ok('Plugin.get_versions', { plugin_id: AWS }, 'domain-a', repository)).toEqual({
      results: ['1.2.2', '1.2.1'],
      total_count: 2,
    });
    const { results } = await ok('Plugin.list', { query: { page: { start: 1, limit: 1 } } }, 'domain-a', repository);
    expect(results).toHaveLength(1);
  });

  it.each(REPOSITORY.filter((method) => !['get', 'get_versions', 'list'].includes(method)))(
    'is told that the catalog is not changed by Plugin.%s',
    async (method) => {
      const told = await refusal(client.call(repository, `Plugin.${method}`, {}));
      expect(told).toMatchObject({ class: 'ERROR_INTERNAL_API', status_code: 'UNIMPLEMENTED' });
      expect(told?.error_code).toMatch(/^ERROR_/);
    },
  );

  it.each([
    ...PLUGIN.map((method) => ['main', `Plugin.${method}`]),
    ...SUPERVISOR.map((method) => ['main', `Supervisor.${method}`]),
    ...['get', 'get_versions'].map((method) => ['repository', `Plugin.${method}`]),
  ])('is told what is missing, on the %s port: %s', async (port, method) => {
    const told = await client.call(port === 'main' ? main : repository, method, {});
    expect(told.error).toMatchObject({
      class: 'ERROR_INTERNAL_API',
      error_code: 'ERROR_REQUIRED_PARAMETER',
      status_code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/Required parameter\. \(key = \w+\)/) as string,
    });
  });

  it.each([
    [
      'Plugin.get_plugin_endpoint',
      { plugin_id: 'plugin-nobody', version: '1.0.0', domain_id: 'domain-a' },
      'ERROR_PLUGIN_NOT_FOUND',
      'NOT_FOUND',
    ],
    [
      'Plugin.get_plugin_endpoint',
      { plugin_id: AWS, version: '9.9.9', domain_id: 'domain-a' },
      'ERROR_INVALID_PLUGIN_VERSION',
      'INVALID_ARGUMENT',
    ],
    [
      'Plugin.get_plugin_endpoint',
      { plugin_id: AWS, domain_id: 'domain-a' },
      'ERROR_REQUIRED_PARAMETER',
      'INVALID_ARGUMENT',
    ],
    [
      'Plugin.get_plugin_endpoint',
      { plugin_id: AWS, version: '1.2.2', domain_id: 'domain-a', labels: { zone: '달' } },
      'ERROR_NO_POSSIBLE_SUPERVISOR',
      'FAILED_PRECONDITION',
    ],
    [
      'Supervisor.list',
      { domain_id: 'domain-a', query: { filter: [{ k: 'name', v: '(', o: 'regex' }] } },
      'ERROR_DB_QUERY',
      'INVALID_ARGUMENT',
    ],
    [
      'Supervisor.list',
      { domain_id: 'domain-a', query: { filter: [{ k: 'name', v: 'x', o: 'in' }] } },
      'ERROR_OPERATOR_LIST_VALUE_TYPE',
      'INVALID_ARGUMENT',
    ],
  ])('is told what is wrong: %s %j', async (method, params, error_code, status_code) => {
    const told = await refusal(client.call(main, method, params));
    expect(told).toMatchObject({ class: 'ERROR_INTERNAL_API', error_code, status_code });
  });

  it.each(['get', 'update', 'register', 'enable', 'disable', 'deregister'])(
    "learns nothing of what is another domain's by Supervisor.%s",
    async (method) => {
      const { supervisor_id } = await ok('Supervisor.publish', {
        name: 'own',
        hostname: `own-${method}`,
        domain_id: 'domain-own',
      });
      const ask = (id: unknown) =>
        refusal(client.call(main, `Supervisor.${method}`, { supervisor_id: id, domain_id: 'domain-foreign' }));
      const [foreign, unknown] = [await ask(supervisor_id), await ask('supervisor-000000000000')];
      expect(foreign).toMatchObject({ error_code: 'ERROR_NOT_FOUND', status_code: 'NOT_FOUND' });
      expect(foreign?.message.replace(String(supervisor_id), 'supervisor-000000000000')).toBe(unknown?.message);
    },
  );

  it.each([
    ['Supervisor.recover_plugin', 'supervisor_id'],
    ['Plugin.notify_failure', 'supervisor_id'],
  ])("repairs nothing of what is another domain's by %s", async (method) => {
    const { results } = await ok('Supervisor.list', { domain_id: 'domain-local' });
    const [{ supervisor_id } = {}] = results as Record<string, unknown>[];
    const told = await refusal(
      client.call(main, method, { supervisor_id, plugin_id: AWS, version: '1.2.2', domain_id: 'domain-nobody' }),
    );
    expect(told).toMatchObject({ error_code: 'ERROR_NOT_FOUND', status_code: 'NOT_FOUND' });
  });

  it('finds no row of another domain in its lists', async () => {
    await ok('Supervisor.publish', { name: 'own', hostname: 'own-list', domain_id: 'domain-own' });
    for (const method of ['list', 'list_plugins']) {
      const { results = [] } = await ok(`Supervisor.${method}`, { domain_id: 'domain-foreign' });
      // A public supervisor serves all domains.
      expect((results as Record<string, unknown>[]).filter(({ is_public }) => is_public !== true)).toEqual([]);
    }
  });
});
