import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type Assignment,
  type Hello,
  type ServerMessage,
  SupervisorLinkService,
} from '../../src/generated/berth/link/v1/link.js';
import { transports } from '../support/caller.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { PollingSupervisor } from '../support/polling-supervisor.js';
import { RepositoryService } from '../support/repository-service.js';
import { ServerProcess } from '../support/server-process.js';
import { PLUGIN, VERSION } from '../support/worlds.js';

const info = {
  plugin_id: PLUGIN,
  name: 'SNS',
  state: 'ENABLED',
  resource_type: 'monitoring.Webhook',
  image: 'cloudforet/sns',
  provider: 'aws',
  registry_type: 'HARBOR',
  registry_url: 'harbor.example',
  registry_config: { user: 'robot' },
  labels: ['Webhook'],
  tags: { icon: 'https://x/a.svg' },
  repository_info: { repository_id: 'repo-1', name: 'Marketplace', repository_type: 'MANAGED' },
  created_at: '2024-01-02T03:04:05.000Z',
  updated_at: '2024-02-03T04:05:06.000Z',
};

let directory: string;
let service: RepositoryService;
let server: ServerProcess;

const start = (env: Record<string, string> = {}, folder?: string) =>
  ServerProcess.start({
    env: { BERTH_CATALOG: service.address, BERTH_AGENT: 'none', ...env },
    ...(folder !== undefined && { directory: folder }),
  });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-repository-'));
  service = new RepositoryService();
  await service.start();
  service.publish(info, ['1.0.0', VERSION, '1.2.1']);
  server = await start();
});
afterEach(async () => {
  service.silent = false;
  service.registryAway = false;
  service.token = undefined;
  service.stop();
  await service.start();
});
afterAll(async () => {
  await server.stop();
  service.stop();
  rmSync(directory, { recursive: true, force: true });
});

const wanted = { plugin_id: PLUGIN, version: VERSION, domain_id: 'domain-1' };

it.each(transports)('answers what the service says, as a catalog of its own, over %s', async (over) => {
  const once = { plugin_id: `plugin-once-${over}` };
  service.publish({ ...info, ...once, provider: over }, ['1.0.0']);
  for (let time = 0; time < 3; time++) {
    expect(await server.call.ok(over, 'repository.get', once)).toMatchObject(once);
    expect(await server.call.ok(over, 'repository.get_versions', once)).toMatchObject({ total_count: 1 });
  }
  const asked = ['get', 'get_versions'].map((method) => `${method} ${once.plugin_id} `);
  expect(service.asked.filter((question) => question.includes(once.plugin_id))).toEqual(asked);

  expect(await server.call.ok(over, 'repository.get', { plugin_id: PLUGIN })).toEqual(info);
  expect(await server.call.ok(over, 'repository.get_versions', { plugin_id: PLUGIN })).toMatchObject({
    results: [VERSION, '1.2.1', '1.0.0'],
    total_count: 3,
  });
  expect(await server.call.ok(over, 'repository.list', { provider: 'aws' })).toEqual({
    results: [info],
    total_count: 1,
  });
  expect(service.asked).toContain('list 1 1000 ');
});

it('has plugins of the service deployed, in versions that there are', async () => {
  const polling = new PollingSupervisor({ call: server.call, domainId: 'domain-1' });
  await polling.publish();
  const asked = server.call.ok('grpc', 'get_plugin_endpoint', { ...wanted, upgrade_mode: 'AUTO' });
  await eventually(async () => {
    await polling.cycle();
    expect(polling.endpoints).toHaveLength(1);
  });
  expect(await asked).toMatchObject({ endpoint: polling.endpoints[0], updated_version: VERSION });
  await polling.lose();
});

it.each(transports)('orders versions as people tag them, and rewrites none of them, over %s', async (over) => {
  const plugin_id = `tagged-${over}`;
  const newestFirst = ['20250821', '1.10.4.1', '1.10.4', 'v1.4-rc0', 'v1.4dev3', 'v1.4-dev1', 'latest'];
  service.publish({ ...info, plugin_id, provider: '' }, newestFirst.toSorted());
  const versions = await server.call.ok(over, 'repository.get_versions', { plugin_id });
  expect(versions['results']).toEqual(newestFirst);

  const request = { plugin_id, domain_id: `domain-${over}` };
  const supervisor = { name: 'tags', hostname: 'tags', domain_id: request.domain_id };
  await server.call.ok(over, 'publish', { ...supervisor, plugin_info: [] });
  const asked = [{ upgrade_mode: 'AUTO' }, { version: 'v1.4dev3' }, { version: 'latest' }].map((which) =>
    server.call.ok(over, 'get_plugin_endpoint', { ...request, ...which }),
  );
  await eventually(async () => {
    const { results } = await server.call.ok(over, 'list_plugins', { ...supervisor, name: undefined });
    expect(results).toHaveLength(3);
    const endpoint = 'grpc://127.0.0.1:9';
    const plugin_info = (results as object[]).map((row) => ({
      ...row,
      state: 'ACTIVE',
      endpoint,
      endpoints: [endpoint],
    }));
    await server.call.ok(over, 'publish', { ...supervisor, plugin_info });
  });
  const served = (await Promise.all(asked)).map(({ updated_version }) => updated_version);
  expect(served).toEqual(['1.10.4.1', 'v1.4dev3', 'latest']);
});

it('removes what nobody asks for without asking the service, also while it is away', async () => {
  const idle = await start({ BERTH_IDLE_TTL: '1000', BERTH_ENDPOINT_LEASE: '1000' });
  const polling = new PollingSupervisor({ call: idle.call, domainId: 'domain-1' });
  try {
    await polling.publish();
    const asked = idle.call.ok('grpc', 'get_plugin_endpoint', wanted);
    await eventually(async () => {
      await polling.cycle();
      expect(polling.endpoints).toHaveLength(1);
    });
    await asked;
    service.stop();
    await eventually(async () => {
      await polling.cycle();
      expect(polling.endpoints).toEqual([]);
    });
    expect(idle.log).not.toContain('cannot be asked');
  } finally {
    await polling.lose();
    await idle.stop();
  }
});

it.each([
  [{ version: '9.9.9' }, 'ERROR_INVALID_PLUGIN_VERSION', '1.2.2 1.2.1 1.0.0'],
  [{ plugin_id: 'plugin-x' }, 'ERROR_PLUGIN_NOT_FOUND', 'plugin-x'],
])('refuses %j as it does with a file', async (changes, code, text) => {
  const answer = await server.call.send('rest', 'get_plugin_endpoint', { ...wanted, ...changes });
  expect(answer).toMatchObject({ code, message: expect.stringContaining(text) as string });
});

it.each(transports)(
  'goes on with what it knows while the service is away, and says so for the rest, over %s',
  async (over) => {
    await server.call.ok(over, 'repository.get', { plugin_id: PLUGIN });
    service.stop();
    expect(await server.call.ok(over, 'repository.get', { plugin_id: PLUGIN })).toEqual(info);
    const refused = await server.call.send(over, 'get_plugin_endpoint', { ...wanted, plugin_id: `late-${over}` });
    expect(refused).toMatchObject({
      code: 'ERROR_REPOSITORY_BACKEND',
      message: expect.stringContaining('repository service cannot be asked: UNAVAILABLE') as string,
    });
    expect(refused.message).not.toContain(new URL(service.address).host);
    expect(server.log).toContain('The repository service cannot be asked');

    await service.start();
    service.publish({ ...info, plugin_id: `late-${over}`, provider: 'late' }, ['1.0.0']);
    await eventually(async () => {
      expect(await server.call.ok(over, 'repository.get', { plugin_id: `late-${over}` })).toMatchObject({
        name: 'SNS',
      });
    });
  },
);

it('says that versions cannot be had where the service knows the plugin, and not that there is no plugin', async () => {
  service.publish({ ...info, plugin_id: 'plugin-away', provider: 'away' }, ['1.0.0']);
  service.registryAway = true;
  const refused = await server.call.send('rest', 'get_plugin_endpoint', { ...wanted, plugin_id: 'plugin-away' });
  expect(refused).toMatchObject({ status: 503, code: 'ERROR_REPOSITORY_BACKEND' });
});

it('understands what Berth itself serves', async () => {
  const reader = await start({ BERTH_CATALOG: `grpc://${server.grpc}` });
  try {
    for (const method of ['repository.get', 'repository.get_versions', 'repository.list']) {
      const request = { plugin_id: PLUGIN };
      expect(await reader.call.ok('rest', method, request)).toEqual(await server.call.ok('rest', method, request));
    }
  } finally {
    await reader.stop();
  }
});

it('starts, and says what is missing, where the service was never reached', async () => {
  const nowhere = `grpc://127.0.0.1:${await freePort()}`;
  const lonely = await start({ BERTH_CATALOG: nowhere, BERTH_REPOSITORY_PORT: 'none' });
  try {
    expect(lonely.repository).toBeUndefined();
    for (const method of ['repository.get', 'repository.list', 'get_plugin_endpoint']) {
      const request = method === 'get_plugin_endpoint' ? wanted : { plugin_id: PLUGIN };
      expect(await lonely.call.send('rest', method, request)).toMatchObject({
        status: 503,
        code: 'ERROR_REPOSITORY_BACKEND',
      });
    }
  } finally {
    await lonely.stop();
  }
});

it('shows the service its own token, read anew for each question', async () => {
  const file = join(directory, 'token');
  writeFileSync(file, 'first\n');
  service.token = 'first';
  const known = await start({ BERTH_CATALOG_TOKEN: file });
  try {
    const { call } = known;
    expect(await call.ok('rest', 'repository.get', { plugin_id: PLUGIN })).toEqual(info);
    service.token = 'second';
    service.publish({ ...info, plugin_id: 'plugin-b', provider: 'late' }, []);
    const get = () =>
      call.send('rest', 'repository.get', { plugin_id: 'plugin-b' }, { authorization: 'Bearer second' });
    expect(await get()).toMatchObject({
      code: 'ERROR_REPOSITORY_BACKEND',
      message: expect.stringContaining('UNAUTHENTICATED') as string,
    });
    writeFileSync(file, 'second\n');
    expect(await get()).toMatchObject({ status: 200, body: { plugin_id: 'plugin-b' } });
  } finally {
    await known.stop();
  }
  await expect(start({ BERTH_CATALOG_TOKEN: join(directory, 'none') })).rejects.toThrow(
    /token for the catalog.*ENOENT/,
  );
});

/** An agent's end of the link: what it was last told of the plugin. */
async function link(to: ServerProcess, who: Hello = {}): Promise<{ told: Assignment[]; close(): void }> {
  const client = new Client(to.grpc, credentials.createInsecure());
  const { connect } = SupervisorLinkService;
  const stream = client.makeBidiStreamRequest(connect.path, connect.requestSerialize, connect.responseDeserialize);
  const told: Assignment[] = [];
  const close = () => {
    stream.cancel();
    client.close();
  };
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('data', ({ assignments }: ServerMessage) => {
      if (assignments === undefined) return;
      told.push(...(assignments.assigned ?? []));
      if (assignments.snapshot) resolve({ told, close });
    });
    const hello = { domain_id: 'domain-2', hostname: 'linked', name: 'linked', driver: 'docker', ...who };
    stream.write({ hello });
  });
}

it('keeps agents connected while the service is gone or silent, and tells them the rest afterwards', async () => {
  const folder = join(directory, 'linked');
  // The agent of this test has no heartbeat.
  const env = { BERTH_SUPERVISOR_LEASE: '600000' };
  let berth = await start(env, folder);
  const request = { ...wanted, domain_id: 'domain-2' };
  const container = {
    image: 'harbor.example/cloudforet/sns',
    registry: { type: 'HARBOR', config: { user: 'robot' } },
  };
  const before = await link(berth);
  const asked = berth.call.send('grpc', 'get_plugin_endpoint', request);
  await eventually(() => {
    expect(before.told).toMatchObject([{ plugin_id: PLUGIN, version: VERSION, container }]);
  });
  before.close();
  try {
    for (const how of ['gone', 'silent']) {
      await berth.kill('SIGKILL');
      if (how === 'gone') service.stop();
      else service.silent = true;
      berth = await start(env, folder);
      const after = await link(berth);
      expect(after.told, how).toMatchObject([{ plugin_id: PLUGIN, version: VERSION, generation: 1 }]);
      expect(after.told[0]?.container).toBeUndefined();
      service.silent = false;
      if (how === 'gone') await service.start();
      await eventually(() => expect(after.told.at(-1), how).toMatchObject({ generation: 1, container }));
      after.close();
    }
  } finally {
    await berth.stop();
    await asked;
  }
});

describe('plugins of the LOCAL repository', () => {
  const LOCAL = { repository_id: 'repo-local', name: 'Local', repository_type: 'LOCAL' };
  const own = { ...info, image: 'domain-p/sns', domain_id: 'domain-p', repository_info: LOCAL };
  const alone = { ...own, plugin_id: 'plugin-alone' };
  const forP = { plugin_id: PLUGIN, version: VERSION, domain_id: 'domain-p' };
  let berth: ServerProcess;
  beforeAll(async () => {
    service.publish(own, [VERSION, '9.0.0']);
    service.publish(alone, ['1.0.0']);
    // The agents of these tests have no heartbeat.
    berth = await start({ BERTH_SUPERVISOR_LEASE: '600000' });
  });
  afterAll(() => berth.stop());

  it.each(transports)('are told to their own domain alone, over %s', async (over) => {
    const named = (domain: string) => ({ [over === 'grpc' ? 'x_domain_id' : 'x-domain-id']: domain });
    const get = (plugin_id: string, domain: string) =>
      berth.call.send(over, 'repository.get', { plugin_id }, named(domain));
    expect((await get('plugin-alone', 'domain-p')).body).toEqual(alone);
    expect(await get('plugin-alone', 'domain-q')).toMatchObject({ code: 'ERROR_PLUGIN_NOT_FOUND' });
    expect((await get(PLUGIN, 'domain-p')).body).toEqual(own);
    // Not its domain, which is that of whoever asks.
    expect((await get(PLUGIN, 'domain-q')).body).toEqual(info);
    const listed = async (domain: string) =>
      (await berth.call.ok(over, 'repository.list', {}, named(domain)))['results'];
    expect(await listed('domain-p')).toEqual(expect.arrayContaining([own, alone]));
    expect(await listed('domain-q')).not.toEqual(expect.arrayContaining([alone]));
  });

  it('are found by the domain of the lookup', async () => {
    for (const method of ['get_plugin_endpoint', 'explain']) {
      const request = { plugin_id: 'plugin-alone', version: '1.0.0', domain_id: 'domain-q' };
      for (const over of transports) {
        expect(await berth.call.send(over, method, request)).toMatchObject({ code: 'ERROR_PLUGIN_NOT_FOUND' });
      }
      const newest = { plugin_id: PLUGIN, upgrade_mode: 'AUTO', domain_id: 'domain-q' };
      expect(await berth.call.ok('rest', 'explain', newest)).toMatchObject({ version: VERSION });
      expect(await berth.call.ok('rest', 'explain', { ...newest, domain_id: 'domain-p' })).toMatchObject({
        version: '9.0.0',
      });
    }
    expect(service.asked).toEqual(expect.arrayContaining(['get plugin-alone domain-q', `get ${PLUGIN} domain-p`]));
  });

  it("run as what they are, and never in the place of everybody's plugin of the same name", async () => {
    const ask = async (domain_id: string) => {
      const request = { ...forP, domain_id };
      // The service was away a moment ago.
      await eventually(() => berth.call.ok('rest', 'explain', request));
      void berth.call.send('grpc', 'get_plugin_endpoint', request, {}, Date.now() + 60_000);
    };
    const imageOf = ({ told }: { told: Assignment[] }) => told.at(-1)?.container?.image;
    const first = await link(berth, { domain_id: 'domain-root', hostname: 'one', name: 'one', is_public: true });
    await ask('domain-q');
    await eventually(() => expect(imageOf(first)).toBe('harbor.example/cloudforet/sns'));
    expect(await berth.call.send('rest', 'get_plugin_endpoint', forP)).toMatchObject({
      code: 'ERROR_NO_POSSIBLE_SUPERVISOR',
    });
    expect(await berth.call.ok('rest', 'explain', forP)).toMatchObject({
      supervisors: [{ name: 'one', reason: expect.stringContaining('same name') as string }],
    });
    const second = await link(berth, { domain_id: 'domain-root', hostname: 'two', name: 'two', is_public: true });
    await ask('domain-p');
    await eventually(() => expect(imageOf(second)).toBe('harbor.example/domain-p/sns'));
    // Whoever comes next gets what everybody gets.
    await ask('domain-r');
    await eventually(async () => {
      const asked = { ...forP, domain_id: 'domain-r' };
      const { bound_to, supervisors } = await berth.call.ok('rest', 'explain', asked);
      const bound = (supervisors as { supervisor_id: string; name: string }[]).find(
        ({ supervisor_id }) => supervisor_id === bound_to,
      );
      expect(bound?.name).toBe('one');
    });
    expect(first.told).toHaveLength(1);
    for (const agent of [first, second]) agent.close();
  });
});
