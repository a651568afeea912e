import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { eventually } from '../support/eventually.js';
import { healthOf } from '../support/plugin-health.js';
import { ServerProcess } from '../support/server-process.js';
import { Engine } from './kit/engine.js';
import { PrivateDockerd } from './kit/private-dockerd.js';
import { alarms, parse } from './kit/webhook.js';

const WEBHOOK = 'plugin-aws-sns-mon-webhook';
const DOMAIN = 'domain-1';

describe.skipIf(inject('docker') === undefined)('Berth on a Docker engine', () => {
  let dockerd: PrivateDockerd;
  let engine: Engine;
  let server: ServerProcess;
  let catalog: object;

  beforeAll(async () => {
    dockerd = await PrivateDockerd.start({ liveRestore: true });
    engine = new Engine(dockerd.host);
    const { registry, login } = engine;
    const plugin = (id: string, more: object) => ({
      plugin_id: id,
      resource_type: 'monitoring.Webhook',
      registry_type: 'HARBOR',
      registry_url: registry,
      registry_config: login,
      ...more,
    });
    const misbehaving = (env: object, limits?: object) => ({
      image: 'plugin-misbehaving',
      versions: [{ version: '1.0.0', container: { env, limits } }],
    });
    catalog = {
      plugins: [
        plugin(WEBHOOK, { image: WEBHOOK }),
        plugin('wrong-image', { image: 'no-such-plugin', versions: [{ version: '1.0.0' }] }),
        plugin('wrong-password', {
          image: WEBHOOK,
          registry_config: { ...login, password: 'wrong' },
          versions: [{ version: '1.2.2-new' }],
        }),
        plugin('too-large', misbehaving({}, { memory: '100000Gi' })),
        plugin('crashing', misbehaving({ MISBEHAVE_CRASH_AT_START: '7' })),
        plugin('late', misbehaving({})),
        plugin('idling', { ...misbehaving({}), idle_ttl: 1_500 }),
      ],
    };
    server = await ServerProcess.start({
      catalog,
      env: {
        BERTH_AGENT_DRIVER: 'docker',
        DOCKER_HOST: dockerd.host,
        BERTH_MAX_RESTARTS: '2',
        BERTH_ENDPOINT_LEASE: '1000',
      },
    });
  });

  afterAll(async () => {
    await server?.stop();
    await dockerd?.dispose();
  });

  const ask = (pluginId: string, more: object = {}, within = 60_000) =>
    server.call.send(
      'grpc',
      'get_plugin_endpoint',
      { plugin_id: pluginId, domain_id: DOMAIN, ...more },
      {},
      Date.now() + within,
    );

  const endpointOf = async (more: object): Promise<string> => {
    const { body, message } = await ask(WEBHOOK, more);
    if (body === undefined) throw new Error(message);
    return String(body['endpoint']);
  };

  const containers = (...args: string[]): string[] =>
    engine
      .docker('ps', '--quiet', '--no-trunc', '--filter', 'label=berth.agent', ...args)
      .split('\n')
      .filter(Boolean);

  const label = (name: string, value: string) => ['--filter', `label=spaceone.supervisor.${name}=${value}`];
  const containersOf = (pluginId: string): string[] => containers('--all', ...label('plugin_id', pluginId));
  const containersOfVersion = (version: string, ...args: string[]): string[] =>
    containers(...args, ...label('plugin_id', WEBHOOK), ...label('plugin.version', version));

  /** Containers that were not there before. */
  const since = (before: readonly string[]): string[] => containers('--all').filter((id) => !before.includes(id));

  it('lists as versions what is in the registry', async () => {
    const { body } = await server.call.send('rest', 'repository.get_versions', { plugin_id: WEBHOOK });
    expect(body).toMatchObject({ results: ['1.2.2', '1.2.1'] });
  });

  it('pulls and runs the version asked for, which does its work', async () => {
    const endpoint = await endpointOf({ version: '1.2.1' });
    const [event] = await parse(endpoint, alarms.ofOneMetric);
    expect(event).toMatchObject({ event_type: 'ALERT', provider: 'aws' });
    const [container = ''] = containersOfVersion('1.2.1');
    const { Config } = engine.inspect(container) as { Config: { Labels: Record<string, string>; Image: string } };
    expect(Config.Labels).toMatchObject({
      'spaceone.supervisor.plugin_id': WEBHOOK,
      'spaceone.supervisor.plugin.version': '1.2.1',
      'spaceone.supervisor.plugin.endpoint': endpoint,
    });
    expect(Config.Image).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  it('replaces a container that was killed', async () => {
    await endpointOf({ version: '1.2.1' });
    const [before = ''] = containersOfVersion('1.2.1');
    engine.docker('kill', before);
    await eventually(async () => {
      const [after] = containersOfVersion('1.2.1');
      if (after === undefined || after === before) throw new Error('There is no other container yet.');
      await parse(await endpointOf({ version: '1.2.1' }), alarms.ofOneMetric);
    });
    await eventually(() => expect(containersOfVersion('1.2.1', '--all')).toHaveLength(1));
  });

  it('loses nothing when dockerd is restarted', async () => {
    const endpoint = await endpointOf({ version: '1.2.1' });
    const before = containersOfVersion('1.2.1');
    await dockerd.stop();
    await dockerd.resume();
    expect(await endpointOf({ version: '1.2.1' })).toBe(endpoint);
    expect(await parse(endpoint, alarms.ofOneMetric)).toHaveLength(1);
    expect(containersOfVersion('1.2.1')).toEqual(before);
  });

  it('starts what was asked for while dockerd was away, as soon as it is back', async () => {
    await dockerd.stop();
    const logged = server.log.length;
    const asked = ask('late', { version: '1.0.0' });
    await eventually(() => expect(server.log.slice(logged)).toContain('does not answer'));
    await dockerd.resume();
    const { body, message } = await asked;
    expect(message).toBeUndefined();
    await eventually(async () => expect(await healthOf(String(body?.['endpoint']))).toBe('SERVING'));
  });

  it('upgrades whoever asks for the newest', async () => {
    const { body } = await ask(WEBHOOK, { upgrade_mode: 'AUTO', version: '1.2.1' });
    expect(body).toMatchObject({ updated_version: '1.2.2' });
  });

  it.each([
    ['wrong-image', '1.0.0', 'ERROR_PLUGIN_IMAGE_NOT_FOUND', 'has no such image'],
    ['wrong-password', '1.2.2-new', 'ERROR_PLUGIN_STATE_CHANGE', 'refuses the user name or password of robot'],
    ['too-large', '1.0.0', 'ERROR_PLUGIN_STATE_CHANGE', 'There is no room for it'],
    ['crashing', '1.0.0', 'ERROR_PLUGIN_FAILURE', 'exited with code 7'],
  ])('tells the caller what is at fault: %s', async (pluginId, version, code, message) => {
    const before = containers('--all');
    const answer = await ask(pluginId, { version });
    expect(answer).toMatchObject({ code, message: expect.stringContaining(message) as string });
    await eventually(() => expect([...containersOf(pluginId), ...since(before)]).toEqual([]));
  });

  it('tells the caller that its port is taken, and leaves nothing behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const before = containers('--all');
    const other = await ServerProcess.start({
      catalog,
      env: { BERTH_AGENT_DRIVER: 'docker', DOCKER_HOST: dockerd.host, BERTH_AGENT_PORTS: `${port}-${port}` },
    });
    try {
      const wish = { plugin_id: 'idling', version: '1.0.0', domain_id: DOMAIN };
      await eventually(async () => {
        const answer = await other.call.send('grpc', 'get_plugin_endpoint', wish, {}, Date.now() + 2_000);
        expect(answer.message).toContain(`No port is free on 127.0.0.1 from ${port}`);
      });
      await eventually(() => expect(since(before)).toEqual([]));
    } finally {
      await other.stop();
      taken.close();
    }
  });

  it('removes what nobody asks for', async () => {
    const { body, message } = await ask('idling', { version: '1.0.0' });
    expect(message).toBeUndefined();
    expect(body).toHaveProperty('endpoint');
    await endpointOf({ version: '1.2.1' });
    await eventually(() => expect(containersOf('idling')).toEqual([]));
    expect(containersOf(WEBHOOK)).not.toEqual([]);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const before = containers('--all');
    const other = await ServerProcess.start({
      catalog,
      env: { BERTH_AGENT_DRIVER: 'docker', DOCKER_HOST: dockerd.host },
    });
    const wish = { plugin_id: 'late', version: '1.0.0', domain_id: DOMAIN };
    await other.call.ok('grpc', 'get_plugin_endpoint', wish);
    expect(since(before)).not.toEqual([]);
    expect(await other.kill('SIGTERM')).toBe(0);
    expect(since(before)).toEqual([]);
    await other.stop();
  });
});
