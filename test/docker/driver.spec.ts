import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, inject, it } from 'vitest';

import { dockerSettingsOf } from '../../src/agent/drivers/docker/docker-settings.js';
import type { Driver, Exit, LaunchSpec, RunningLaunch } from '../../src/agent/drivers/driver.js';
import { parseMirror } from '../../src/registry/registry-mirror.js';
import { freePort } from '../support/free-port.js';
import { healthOf } from '../support/plugin-health.js';
import { Engine } from './kit/engine.js';
import { PrivateDockerd } from './kit/private-dockerd.js';

interface Wrong {
  readonly version?: string;
  readonly password?: string;
  readonly limits?: { readonly memory_bytes: number };
  readonly network?: string;
}

const never = new AbortController().signal;
describe.skipIf(inject('docker') === undefined)('the Docker driver', () => {
  const using = async (
    options: Parameters<Engine['driver']>[0],
    test: (driver: Driver, engine: Engine) => Promise<void>,
  ): Promise<void> => {
    const engine = new Engine();
    const driver = engine.driver(options);
    try {
      await test(driver, engine);
    } finally {
      for (const { launch_id, data } of await driver.list()) await driver.stop(launch_id, data, 0);
      await driver.close();
    }
  };

  const start = async (driver: Driver, spec: LaunchSpec, progress?: (reason: string) => void) =>
    driver.start(spec, await driver.prepare(spec, never), never, progress);

  const failureOf = (driver: Driver, spec: LaunchSpec): Promise<unknown> =>
    start(driver, spec).catch((error: unknown) => error);

  const exitOf = (driver: Driver, { launch_id }: LaunchSpec, { data }: RunningLaunch): Promise<Exit> =>
    new Promise((exited) => driver.watch(launch_id, data, { exited, replicas: () => undefined }));

  it('runs what the tag named when it was pulled, without a right too many', () =>
    using({}, async (driver, engine) => {
      const { image } = engine.container('plugin-contract');
      const id = engine.docker('image', 'inspect', '--format', '{{.Id}}', `${image}:1.0.0`);
      const spec = engine.launch(engine.container('plugin-contract'));
      await start(driver, spec);
      const [container = ''] = engine.containers(spec.launch_id);
      const { Image, Config, HostConfig } = engine.inspect(container) as Record<string, Record<string, unknown>>;
      expect(Image).toBe(id);
      expect(Config?.['Image']).toMatch(new RegExp(`^${image}@sha256:[0-9a-f]{64}$`));
      expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], Privileged: false });
      const status = engine.docker('exec', container, 'node', '-p', 'fs.readFileSync("/proc/self/status", "utf8")');
      expect(status).toMatch(/^Uid:\s+65532\s+65532/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      const write = (path: string) =>
        engine.docker('exec', container, 'node', '-e', `fs.writeFileSync("${path}", "x")`);
      expect(() => write('/app/x')).toThrow('read-only file system');
      write('/tmp/x');
    }));

  it('pulls with the password of the catalog, by digest, and tells how far it is', () =>
    using({}, async (driver, engine) => {
      const name = 'plugin-aws-sns-mon-webhook';
      const { image } = engine.container(name);
      const pushed = engine.docker('image', 'inspect', '--format', '{{index .RepoDigests 0}}', `${image}:1.2.1`);
      const digest = pushed.slice(pushed.indexOf('@') + 1);
      engine.docker('rmi', '--force', `${image}:1.2.1`, pushed);
      const told: string[] = [];
      // The tag says nothing any more: there is no such version in the registry.
      const spec = engine.launch(engine.container(name, { PLUGIN_VERSION: '1.2.1' }, { digest }), '9.9.9');
      const { replicas } = await start(driver, spec, (reason) => told.push(reason));
      await expect.poll(() => healthOf(replicas[0]?.endpoint ?? '')).toBe('SERVING');
      expect(told[0]).toBe(`pulls the image ${image}:9.9.9@${digest}`);
      expect(told.at(-1)).toMatch(/\d of \d+ layers, \d+ of \d+ MB$/);
    }));

  it('pulls from the mirror alone, where there is one', () => {
    const { registry, login } = new Engine();
    const mirror = parseMirror(`http://${login.username}:${encodeURIComponent(login.password)}@${registry}`);
    return using({ mirror }, async (driver, engine) => {
      const elsewhere = { image: 'registry.nowhere.test/plugin-contract', env: {} };
      const { replicas } = await start(driver, engine.launch(elsewhere));
      await expect.poll(() => healthOf(replicas[0]?.endpoint ?? '')).toBe('SERVING');
    });
  });

  it('joins a network, where endpoints name the container', async () => {
    const engine = new Engine();
    const network = `net-${process.pid}`;
    engine.docker('network', 'create', network);
    await using({ settings: dockerSettingsOf({ network, address: 'container' }) }, async (driver) => {
      const spec = engine.launch(engine.container('plugin-contract'));
      const { replicas } = await start(driver, spec);
      const [{ endpoint = '', host = '', port = 0 } = {}] = replicas;
      const [container = ''] = engine.containers(spec.launch_id);
      expect(endpoint).toBe(`grpc://${engine.docker('inspect', '--format', '{{slice .Name 1}}', container)}:50051`);
      await expect.poll(() => healthOf(`grpc://${host}:${port}`)).toBe('SERVING');
      expect(engine.docker('port', container)).toBe('');
    });
    engine.docker('network', 'rm', network);
  });

  it.each([
    ['a wrong image', 'no-such-plugin', {}, /no-such-plugin.*has no such image/],
    ['a wrong version', 'plugin-contract', { version: '7.7.7' }, /plugin-contract:7\.7\.7.*has no such image/],
    ['a wrong password', 'plugin-new', { password: 'battery staple' }, /refuses the user name or password of robot/],
    ['no password', 'plugin-new', { password: '' }, /wants a password/],
    ['a name that is none', 'Plugin', {}, /image name is not usable/],
    ['more memory than there is', 'plugin-contract', { limits: { memory_bytes: 2 ** 46 } }, /no room.*65536\.0 GiB/],
    ['less memory than it takes', 'plugin-contract', { limits: { memory_bytes: 2 ** 20 } }, /memory limit.*6MB/i],
    ['a network that is none', 'plugin-contract', { network: 'nowhere' }, /no such network.*nowhere/],
  ])('says of %s what is at fault, that it will not pass, and leaves nothing behind', (_, name, wrong, message) => {
    const { version, password, limits, network } = wrong as Wrong;
    return using({ settings: dockerSettingsOf({ network }) }, async (driver, engine) => {
      const container = engine.container(name, {}, { ...(limits && { limits }) });
      const config = password === '' ? {} : { ...engine.login, ...(password && { password }) };
      const spec = engine.launch({ ...container, registry: { type: 'HARBOR', config } }, version);
      expect(await failureOf(driver, spec)).toMatchObject({
        recoverable: false,
        message: expect.stringMatching(message) as string,
      });
      await expectNothingLeft(driver, engine, spec);
    });
  });

  const expectNothingLeft = async (driver: Driver, engine: Engine, spec: LaunchSpec): Promise<void> => {
    for (const { launch_id, data } of await driver.list()) await driver.stop(launch_id, data, 0);
    expect(engine.containers(spec.launch_id, '--all')).toEqual([]);
  };

  it('says which port is taken, and takes another where it may', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    await using({ portRange: [port, port] }, async (driver, engine) => {
      const spec = engine.launch(engine.container('plugin-contract'));
      // Somebody took it after it was chosen.
      const data = { name: `clash-${port}`, port };
      const failure = await driver.start(spec, data, never).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        recoverable: true,
        message: expect.stringContaining(`port ${port} is taken`) as string,
      });
      await driver.stop(spec.launch_id, data, 0);
      expect(engine.containers(spec.launch_id, '--all')).toEqual([]);
    });
    await using({}, async (driver, engine) => {
      const spec = engine.launch(engine.container('plugin-contract'));
      const { replicas } = await driver.start(spec, { name: `other-${port}`, port }, never);
      expect(replicas[0]?.port).not.toBe(port);
      await expect.poll(() => healthOf(replicas[0]?.endpoint ?? '')).toBe('SERVING');
    });
    server.close();
  });

  it('says that a plugin has used too much memory', () =>
    using({}, async (driver, engine) => {
      const env = { NODE_OPTIONS: '--require /app/greedy.cjs' };
      const limits = { memory_bytes: 64 * 2 ** 20 };
      const spec = engine.launch(engine.container('plugin-contract', env, { limits }));
      const exit = await exitOf(driver, spec, await start(driver, spec));
      expect(exit).toEqual({
        reason: 'was killed: it used more memory than its limit of 64 MiB (OOMKilled)',
        blameless: false,
      });
    }));

  it('says with which code a plugin has ended', () =>
    using({}, async (driver, engine) => {
      const spec = engine.launch(engine.container('plugin-contract', { CRASH_AT_START: '1' }));
      const running = await start(driver, spec);
      expect(await exitOf(driver, spec, running)).toEqual({ reason: 'exited with code 3', blameless: false });
      expect(await driver.logs(running.data, 4_096)).toContain('boom: this plugin crashes at start');
    }));

  it('ends a pull when nobody wants it any more', () =>
    using({}, async (driver, engine) => {
      const abort = new AbortController();
      // Nobody answers there: a documentation address would take minutes.
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const spec = engine.launch({ image: `127.0.0.1:${port}/plugin`, env: {} });
      const asked = once(server, 'connection');
      const starting = driver.start(spec, await driver.prepare(spec, never), abort.signal);
      void starting.catch(() => undefined);
      await asked;
      abort.abort(new Error('not wanted any more'));
      await expect(starting).rejects.toThrow('not wanted any more');
      server.close();
    }));

  it('says that there is no room on the disk', async () => {
    const small = await PrivateDockerd.start({ diskMiB: 48 });
    const engine = new Engine(small.host);
    const driver = engine.driver();
    const spec = engine.launch(engine.container('plugin-contract'));
    const failure = await failureOf(driver, spec);
    expect(failure).toMatchObject({
      recoverable: true,
      message: expect.stringMatching(/plugin-contract.*no room on the engine's disk/) as string,
    });
    expect(await driver.list()).toEqual([]);
    await driver.close();
    await small.dispose();
  });

  describe('while dockerd is restarted', () => {
    const ownEngine = async (
      liveRestore: boolean,
      test: (driver: Driver, engine: Engine, dockerd: PrivateDockerd) => Promise<void>,
    ) => {
      const dockerd = await PrivateDockerd.start({ liveRestore });
      const engine = new Engine(dockerd.host);
      const driver = engine.driver();
      try {
        await test(driver, engine, dockerd);
      } finally {
        await driver.close();
        await dockerd.dispose();
      }
    };

    it('keeps a container that runs on, and hears of its end afterwards', () =>
      ownEngine(true, async (driver, engine, dockerd) => {
        const spec = engine.launch(engine.container('plugin-contract'));
        const running = await start(driver, spec);
        const endpoint = running.replicas[0]?.endpoint ?? '';
        const exits: Exit[] = [];
        driver.watch(spec.launch_id, running.data, { exited: (exit) => exits.push(exit), replicas: () => undefined });
        await expect.poll(() => healthOf(endpoint)).toBe('SERVING');
        const before = engine.containers(spec.launch_id);
        await dockerd.stop();
        await expect(driver.inspect(spec.launch_id, running.data)).rejects.toMatchObject({ recoverable: true });
        await expect(driver.list()).rejects.toMatchObject({ recoverable: true });
        await dockerd.resume();
        expect(await driver.inspect(spec.launch_id, running.data)).toMatchObject({ replicas: running.replicas });
        expect(engine.containers(spec.launch_id)).toEqual(before);
        await expect.poll(() => healthOf(endpoint)).toBe('SERVING');
        expect(exits).toEqual([]);
        engine.kill(spec.launch_id);
        await expect.poll(() => exits).toHaveLength(1);
        expect(exits[0]).toMatchObject({ blameless: false });
      }));

    it('tells of a container that went down with it, and starts another when it is back', () =>
      ownEngine(false, async (driver, engine, dockerd) => {
        const polite = { NODE_OPTIONS: '--require /app/polite.cjs' };
        const spec = engine.launch(engine.container('plugin-contract', polite));
        const running = await start(driver, spec);
        await expect.poll(() => healthOf(running.replicas[0]?.endpoint ?? '')).toBe('SERVING');
        const exited = exitOf(driver, spec, running);
        await dockerd.stop();
        const told: string[] = [];
        const next = engine.launch(engine.container('plugin-contract'));
        const starting = start(driver, next, (reason) => told.push(reason));
        await expect.poll(() => told.length).toBeGreaterThan(0);
        expect(told[0]).toMatch(/Docker engine at unix:.* does not answer/);
        await dockerd.resume();
        const { replicas } = await starting;
        expect((await exited).reason).not.toBe('');
        await expect.poll(() => healthOf(replicas[0]?.endpoint ?? '')).toBe('SERVING');
      }));
  });
});
