import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@bufbuild/protobuf';
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { GrpcReflection } from 'grpc-js-reflection-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority, writePem } from '../support/certificates.js';
import { cloudforetService } from '../support/cloudforet-service.js';
import { eventually } from '../support/eventually.js';
import { watchHealth } from '../support/plugin-health.js';
import { childOf, childrenOf } from '../support/processes.js';
import { ReflectedService } from '../support/reflected-services.js';
import { ServerProcess } from '../support/server-process.js';
import { TokenIssuer } from '../support/token-issuer.js';

const REPOSITORY = 'spaceone.api.repository.v1.Plugin';
const PLUGIN = 'plugin-aws-sns-mon-webhook';
const methods = cloudforetService(REPOSITORY);

const version = (name: string) => ({ version: name, process: { command: ['node', 'main.js'] } });
const catalog = {
  plugins: [
    { plugin_id: PLUGIN, resource_type: 'monitoring.Webhook', versions: [version('1.2.2'), version('1.2.1')] },
    { plugin_id: 'plugin-image', resource_type: 'a.B', image: 'cloudforet/x', versions: [{ version: '1.0.0' }] },
    { plugin_id: 'plugin-none', resource_type: 'a.B', registry_config: { user: 'robot' }, versions: [] },
  ],
};

const directory = mkdtempSync(join(tmpdir(), 'berth-repository-port-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const addressOf = ({ repository = '' }: ServerProcess) => repository;

/** What a method of the repository service answers over a connection of its own: an object, or a status. */
function ask(
  address: string,
  method: string,
  request: JsonObject,
  { channel = credentials.createInsecure(), token }: { channel?: ChannelCredentials; token?: string } = {},
): Promise<JsonObject | string> {
  const { path, requestSerialize, responseDeserialize } = methods[method] as (typeof methods)[string];
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('token', token);
  const client = new Client(address, channel, { 'grpc.use_local_subchannel_pool': 1 });
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      (bytes) => responseDeserialize(bytes) as JsonObject,
      request,
      metadata,
      (error: ServiceError | null, answer?: JsonObject) => {
        client.close();
        resolve(error === null ? (answer ?? {}) : `${status[error.code]} ${error.details.split(':')[0]}`);
      },
    );
  });
}

describe('the repository service', () => {
  let server: ServerProcess;
  let client: Client;
  beforeAll(async () => {
    server = await ServerProcess.start({ catalog, env: { BERTH_AGENT: 'none' } });
    client = new Client(addressOf(server), credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  describe.each(['v1alpha', 'v1'])('for a client that knows nothing but reflection %s', (version) => {
    const reflection = () => new GrpcReflection(addressOf(server), credentials.createInsecure(), {}, version);

    it('is the one service that is called Plugin on its port', async () => {
      expect((await reflection().listServices()).sort()).toEqual([
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
        REPOSITORY,
      ]);
    });

    it('finds image data in the catalog', async () => {
      const repository = await ReflectedService.of(REPOSITORY, reflection(), client);
      expect([...repository.unary].sort()).toEqual(Object.keys(methods).sort());
      const known = { pluginId: PLUGIN };
      expect(await repository.call('get', known)).toMatchObject({
        status: 'OK',
        body: { ...known, resourceType: 'monitoring.Webhook' },
      });
      const { body } = await repository.call('get_versions', known);
      expect(body).toMatchObject({ results: ['1.2.2', '1.2.1'], totalCount: 2 });
      expect(await repository.call('list', known)).toMatchObject({ status: 'OK', body: { totalCount: 1 } });
    });
  });

  it('tells of every plugin what supervisors read without asking whether it is there', async () => {
    const { results } = (await ask(addressOf(server), 'list', {})) as { results: JsonObject[] };
    expect(results).toHaveLength(3);
    for (const listed of results) {
      const { image, registry_url, registry_type, registry_config } = (await ask(addressOf(server), 'get', {
        plugin_id: listed['plugin_id'] ?? null,
      })) as JsonObject;
      expect(listed).toMatchObject({ image, registry_url, registry_type, registry_config });
      expect([image, registry_url, registry_type]).toEqual(Array(3).fill(expect.stringMatching(/./)));
      expect(registry_config).toBeTypeOf('object');
    }
  });

  it.each(['register', 'update', 'deregister', 'enable', 'disable'])('says that it has no %s', async (method) => {
    expect(await ask(addressOf(server), method, {})).toBe('UNIMPLEMENTED ERROR_UNSUPPORTED_API');
  });

  it('has no other service on its port, and is served still to those who know it on that of the others', async () => {
    const supervisor = cloudforetService('spaceone.api.plugin.v1.Supervisor')['list'];
    const refused = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(
        supervisor?.path ?? '',
        () => Buffer.alloc(0),
        () => undefined,
        {},
        (error) => resolve(error),
      );
    });
    expect(refused?.code).toBe(status.UNIMPLEMENTED);
    expect(await ask(server.grpc, 'get', { plugin_id: PLUGIN })).toMatchObject({ plugin_id: PLUGIN });
  });

  it('is named by its setting where its port is taken', async () => {
    const [, port = ''] = addressOf(server).split(':');
    const env = { BERTH_AGENT: 'none', BERTH_REPOSITORY_PORT: port };
    await expect(ServerProcess.start({ env })).rejects.toThrow(/BERTH_REPOSITORY_PORT.*EADDRINUSE/);
  });

  it('tells those who watch its health that it stops, and stops in good order', async () => {
    const states: string[] = [];
    const watched = watchHealth(addressOf(server), REPOSITORY, (state) => states.push(state));
    await expect.poll(() => states).toEqual(['SERVING']);
    const ended = server.kill('SIGTERM');
    await expect.poll(() => states.at(-1)).toBe('NOT_SERVING');
    watched.close();
    expect(await ended).toBe(0);
  });
});

it('is served by all workers, behind TLS, to those who show a token', async () => {
  const [authority, issuer] = await Promise.all([Authority.create('Berth test'), TokenIssuer.create()]);
  const { cert, key } = writePem(directory, 'server', await authority.issue('server'));
  writeFileSync(join(directory, 'jwks.json'), issuer.jwks);
  const server = await ServerProcess.start({
    env: {
      ...{ BERTH_AGENT: 'none', BERTH_WORKERS: '2', BERTH_TLS_CERT: cert, BERTH_TLS_KEY: key },
      ...{ BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: join(directory, 'jwks.json') },
    },
  });
  try {
    const channel = credentials.createSsl(Buffer.from(authority.pem));
    const token = await issuer.token();
    const get = (shown?: string) =>
      ask(addressOf(server), 'get', { plugin_id: PLUGIN }, { channel, ...(shown && { token: shown }) });
    const allServed = async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => get(token)));
      for (const answer of answers) expect(answer).toMatchObject({ plugin_id: PLUGIN });
    };
    await allServed();
    expect(await get()).toBe('UNAUTHENTICATED ERROR_AUTHENTICATE_FAILURE');
    const victim = childOf(server.child.pid, 'worker.cjs');
    process.kill(victim, 'SIGKILL');
    await expect.poll(() => childrenOf(server.child.pid, 'worker.cjs')).not.toContain(victim);
    // A connection that it was handed before ends with it.
    await eventually(allServed);
  } finally {
    await server.stop();
  }
});
