import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Exit, LaunchSpec, Replica, RunningLaunch } from '../../src/agent/drivers/driver.js';
import { FakeClock } from '../../src/agent/fake-clock.js';
import type { KubernetesDriver } from '../../src/agent/drivers/kubernetes/kubernetes.driver.js';
import { parseMirror } from '../../src/registry/registry-mirror.js';
import type { ApiRequest } from './api-server.js';
import { launchOf, TestCluster } from './test-cluster.js';

const never = new AbortController().signal;
const rollout = { provisionTimeoutMs: 1_500, startTimeoutMs: 1_500 };

let cluster: TestCluster;
let driver: KubernetesDriver;

beforeAll(() => Logger.overrideLogger(false));

beforeEach(async () => {
  cluster = await TestCluster.open();
  driver = await cluster.driver();
});

afterEach(() => cluster.close());

async function start(spec: LaunchSpec, by = driver, progress?: (reason: string) => void): Promise<RunningLaunch> {
  return by.start(spec, await by.prepare(spec), never, progress);
}

/** What a watch tells, as it tells it. */
function follow({ launch_id }: LaunchSpec, { data }: RunningLaunch, by = driver) {
  const told = { exits: [] as Exit[], replicas: [] as (readonly Replica[])[] };
  by.watch(launch_id, data, { exited: (exit) => told.exits.push(exit), replicas: (now) => told.replicas.push(now) });
  return told;
}

/** A driver for which time passes only where the test says so, and how to let it pass until a start is over. */
async function timed() {
  const clock = new FakeClock();
  const by = await cluster.driver({}, { rollout, clock });
  const outlast = async (starting: Promise<unknown>): Promise<void> => {
    let over = false;
    void starting.catch(() => undefined).finally(() => (over = true));
    while (!over) await clock.advance(500);
  };
  return { by, outlast };
}

const only = <T>(list: readonly T[]): T => {
  expect(list).toHaveLength(1);
  return list[0] as T;
};

const podOf = (spec: LaunchSpec): string => only(cluster.pods(spec.launch_id)).metadata.name;
const isPatch = ({ method }: ApiRequest) => method === 'PATCH';
const isWatch = ({ query }: ApiRequest) => query.get('watch') === 'true';

describe('create', () => {
  it('applies a Service, a Deployment and what the registry wants, as one manager of their fields', async () => {
    const spec = launchOf();
    const running = await start(spec);
    const patches = cluster.api.requests.filter(isPatch);
    expect(patches.map(({ kind }) => kind)).toEqual(['Service', 'Deployment']);
    for (const { query, headers } of patches) {
      expect(headers['content-type']).toBe('application/apply-patch+yaml');
      expect(headers.authorization).toBe('Bearer secret-token');
      expect(Object.fromEntries(query)).toEqual({
        fieldManager: 'berth-agent',
        force: 'true',
        fieldValidation: 'Strict',
      });
    }
    const { endpoint, host } = only(running.replicas);
    const service = only(cluster.store.list('Service'));
    expect(endpoint).toBe(`grpc://${service.metadata.name}.plugins.svc.cluster.local:50051`);
    expect(host).toBe(service.spec?.['clusterIP']);
  });

  it('gives callers the address of each Pod where the Service is headless', async () => {
    const headless = await cluster.driver({ headless: true, replicas: 3 });
    const spec = launchOf();
    const told = follow(spec, await start(spec, headless), headless);
    await expect.poll(() => told.replicas.at(-1)?.length).toBe(3);
    const addresses = cluster.pods(spec.launch_id).map(({ status }) => `grpc://${String(status?.['podIP'])}:50051`);
    expect(told.replicas.at(-1)?.map(({ endpoint }) => endpoint)).toEqual(addresses.sort());
  });

  it('makes the same objects when it is repeated, though the agent has forgotten', async () => {
    const spec = launchOf();
    const prepared = await driver.prepare(spec);
    await driver.start(spec, prepared, never);
    const before = cluster.store.list('Deployment');
    const again = await cluster.driver();
    await again.start(spec, prepared, never);
    expect(cluster.store.list('Deployment')).toEqual(before);
    expect(cluster.pods(spec.launch_id)).toHaveLength(1);
  });

  it('pulls from the mirror, with the password of the mirror', async () => {
    const mirror = parseMirror('https://robot:secret@mirror.test/{registry}');
    const spec = launchOf();
    await start(spec, await cluster.driver({}, { mirror }));
    const [container] = only(cluster.pods(spec.launch_id)).spec?.['containers'] as { image: string }[];
    expect(container?.image).toBe('mirror.test/registry.test/plugin-a:1.0.0');
    const { data } = only(cluster.store.list('Secret')) as unknown as { data: Record<string, string> };
    expect(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString()).toContain(
      '"mirror.test":{"username":"robot"',
    );
    await driver.stop(spec.launch_id, await driver.prepare(spec), 1_000);
    expect(cluster.store.list('Secret')).toEqual([]);
  });

  it.each([
    [launchOf({ container: undefined }), 'The catalog names no image. (plugin_id = plugin-a, version = 1.0.0)'],
    [launchOf({ container: { image: 'Not An Image' } }), 'is not the name of a repository'],
    [launchOf({ version: '1.0 --privileged' }), 'is not a tag'],
  ])('refuses at once what can never run', async (spec, message) => {
    await expect(driver.prepare(spec)).rejects.toMatchObject({
      recoverable: false,
      message: expect.stringContaining(message) as string,
    });
    expect(cluster.api.requests.filter(isPatch)).toEqual([]);
  });
});

describe('the reason why it does not run reaches the caller', () => {
  it('no such image: ErrImagePull, and nothing more is tried', async () => {
    const spec = launchOf({ container: { image: 'registry.test/no-such-plugin' } });
    const failed = start(spec);
    await expect(failed).rejects.toThrow(/^ErrImagePull: [^;]*no-such-plugin:1\.0\.0$/);
    await expect(failed).rejects.toMatchObject({ recoverable: false });
  });

  it('ImagePullBackOff, with what the events say about it', async () => {
    cluster.kubelet.pullError = 'dial tcp 192.0.2.1:443: i/o timeout';
    const spec = launchOf({ container: { image: 'registry.test/no-such-plugin' } });
    await expect(start(spec)).rejects.toMatchObject({ recoverable: true });
    await expect.poll(() => JSON.stringify(only(cluster.pods(spec.launch_id)).status)).toContain('ImagePullBackOff');
    const later = start(spec, await cluster.driver());
    await expect(later).rejects.toThrow(
      /ImagePullBackOff: Back-off pulling image .*; Failed: Failed to pull image .*i\/o timeout/,
    );
    await expect(later).rejects.toMatchObject({ recoverable: true });
  });

  it('Unschedulable: told while it waits, and in the end', async () => {
    cluster.kubelet.unschedulable = '0/3 nodes are available: 3 Insufficient memory.';
    const told = new Set<string>();
    const { by, outlast } = await timed();
    const failed = start(launchOf(), by, (reason) => told.add(reason));
    await expect.poll(() => [...told].join()).toContain('Unschedulable');
    await outlast(failed);
    await expect(failed).rejects.toThrow(
      'was not ready within 2 s: Unschedulable: 0/3 nodes are available: 3 Insufficient memory.',
    );
    await expect(failed).rejects.toMatchObject({ recoverable: true });
  });

  it('starts by itself once there is room', async () => {
    cluster.kubelet.unschedulable = '0/3 nodes are available';
    const starting = start(launchOf(), driver, (reason) => {
      if (reason.startsWith('Unschedulable')) cluster.kubelet.unschedulable = '';
    });
    expect((await starting).replicas).toHaveLength(1);
  });

  it('OOMKilled', async () => {
    const spec = launchOf();
    const told = follow(spec, await start(spec));
    cluster.kubelet.kill(podOf(spec), 'OOMKilled');
    await expect
      .poll(() => told.exits)
      .toEqual([{ reason: 'OOMKilled: it used more memory than its limit', blameless: false }]);
  });

  it('CrashLoopBackOff, found by an agent that was away', async () => {
    const spec = launchOf({}, { CRASH_AT_START: '1' });
    const running = await start(spec);
    await expect.poll(() => JSON.stringify(only(cluster.pods(spec.launch_id)).status)).toContain('CrashLoopBackOff');
    const later = await cluster.driver();
    expect(await later.inspect(spec.launch_id, running.data)).toBeUndefined();
    const told = follow(spec, running, later);
    await expect.poll(() => told.exits).toHaveLength(1);
    expect(only(told.exits).reason).toMatch(/^CrashLoopBackOff: back-off 10s.*\(exited with code 3\)$/);
    expect(await later.logs(running.data, 1_000)).toContain('boom');
  });

  it('a quota that is full may have room again, a policy does not change its mind', async () => {
    cluster.controllers.forbidden = 'pods "x" is forbidden: exceeded quota: plugins';
    await expect(start(launchOf())).rejects.toMatchObject({
      recoverable: true,
      message: expect.stringContaining('FailedCreate: pods "x" is forbidden: exceeded quota') as string,
    });
    cluster.controllers.forbidden = 'pods "x" is forbidden: violates PodSecurity "restricted:latest"';
    await expect(start(launchOf())).rejects.toMatchObject({ recoverable: false });
  });

  it('a readiness probe that never passes', async () => {
    cluster.kubelet.neverReady = true;
    const told = new Set<string>();
    const { by, outlast } = await timed();
    const failed = start(launchOf(), by, (reason) => told.add(reason));
    await expect.poll(() => [...told].join()).toContain('its readiness probe does not pass yet');
    await outlast(failed);
    await expect(failed).rejects.toThrow(
      'was not ready within 2 s: its container runs, and its readiness probe does not pass yet',
    );
  });

  it('a right that is missing, a namespace that is not ours', async () => {
    cluster.api.failNext(100, 403, isPatch);
    await expect(start(launchOf())).rejects.toMatchObject({
      recoverable: false,
      message: 'cannot be started: the API server answers 403 Forbidden: scripted 403',
    });
    cluster.api.intercept = () => false;
    const elsewhere = await cluster.driver({}, { namespace: 'kube-system' });
    await expect(elsewhere.list()).rejects.toThrow('namespace kube-system is forbidden');
  });

  it('an API server that is away: the agent may try again', async () => {
    const spec = launchOf();
    const impatient = await cluster.driver({}, { patienceMs: 300 });
    const data = await impatient.prepare(spec);
    await cluster.api.close();
    await expect(impatient.start(spec, data, never)).rejects.toMatchObject({ recoverable: true });
    await expect(impatient.inspect(spec.launch_id, data)).rejects.toMatchObject({ recoverable: true });
    await cluster.api.listen();
  });
});

describe('what runs', () => {
  it('is replaced without a gap: the old one serves until the new one does', async () => {
    const first = launchOf({ incarnation: 1 });
    const running = await start(first);
    const told = follow(first, running);
    const second = launchOf({ incarnation: 2 });
    const replacement = await start(second);
    expect(await cluster.processes(first.launch_id)).toHaveLength(1);
    expect(only(replacement.replicas).endpoint).not.toBe(only(running.replicas).endpoint);
    await driver.stop(first.launch_id, running.data, 60_000);
    expect(await cluster.processes(first.launch_id)).toEqual([]);
    expect(await cluster.processes(second.launch_id)).toHaveLength(1);
    expect((await driver.list()).map(({ incarnation }) => incarnation)).toEqual([2]);
    expect(told.exits).toEqual([]);
  });

  it('is scaled by Kubernetes, and callers hear of it', async () => {
    const headless = await cluster.driver({ headless: true });
    const spec = launchOf();
    const running = await start(spec, headless);
    const told = follow(spec, running, headless);
    const { name } = only(cluster.store.list('Deployment')).metadata;
    cluster.store.put('Deployment', name, { spec: { replicas: 2 } });
    await expect.poll(() => told.replicas.at(-1)?.length).toBe(2);
    cluster.store.put('Deployment', name, { spec: { replicas: 1 } });
    await expect.poll(() => told.replicas.at(-1)?.length).toBe(1);
    expect(told.exits).toEqual([]);
  });

  it('follows settings that were changed while the agent was away, and nobody else who scales it', async () => {
    const spec = launchOf({ resource_type: 'inventory.Collector' });
    const running = await start(spec);
    const replicas = () => only(cluster.store.list('Deployment')).spec?.['replicas'];
    const overrides = { 'inventory.Collector?plugin-a': { replicas: 2 } };
    await (await cluster.driver({ overrides })).inspect(spec.launch_id, running.data);
    expect(replicas()).toBe(2);
    cluster.store.put('Deployment', String(running.data['name']), { spec: { replicas: 5 } });
    await (await cluster.driver({ overrides })).inspect(spec.launch_id, running.data);
    expect(replicas()).toBe(5);
  });

  it('outlives the end of one replica', async () => {
    const headless = await cluster.driver({ headless: true, replicas: 2 });
    const spec = launchOf();
    const told = follow(spec, await start(spec, headless), headless);
    await expect.poll(() => told.replicas.at(-1)?.length).toBe(2);
    const [first] = cluster.pods(spec.launch_id);
    cluster.kubelet.restartAtOnce = true;
    cluster.kubelet.kill(first?.metadata.name ?? '');
    await expect.poll(() => told.replicas.some((now) => now.length === 1)).toBe(true);
    await expect.poll(() => told.replicas.at(-1)?.length).toBe(2);
    expect(told.exits).toEqual([]);
  });

  it('has ended also where its container was started again at once', async () => {
    cluster.kubelet.restartAtOnce = true;
    const spec = launchOf();
    const told = follow(spec, await start(spec));
    cluster.kubelet.kill(podOf(spec));
    await expect.poll(() => told.exits).toHaveLength(1);
  });

  it('that somebody deletes is told of, without blame', async () => {
    const spec = launchOf();
    const told = follow(spec, await start(spec));
    cluster.controllers.delete(only(cluster.store.list('Deployment')));
    await expect.poll(() => told.exits).toEqual([{ reason: 'its Deployment was deleted', blameless: true }]);
  });

  it('is told to be gone when it went before anybody watched', async () => {
    const spec = launchOf();
    const running = await start(spec);
    const later = await cluster.driver();
    cluster.controllers.delete(only(cluster.store.list('Deployment')));
    const told = follow(spec, running, later);
    await expect.poll(() => told.exits).toEqual([{ reason: 'its Deployment was deleted', blameless: true }]);
  });

  it('goes with all that belongs to it, the Service last', async () => {
    const spec = launchOf();
    const running = await start(spec);
    await driver.stop(spec.launch_id, running.data, 60_000);
    for (const kind of ['Deployment', 'Pod', 'Service', 'EndpointSlice']) expect(cluster.store.list(kind)).toEqual([]);
    const deletions = cluster.api.requests.filter(({ method }) => method === 'DELETE').map(({ kind }) => kind);
    expect(deletions.slice(0, 2)).toEqual(['Deployment', 'ReplicaSet']);
    expect(deletions.slice(-2)).toEqual(['Secret', 'Service']);
  });

  it('is found to be removed where an agent ended between its first object and its second', async () => {
    cluster.api.failNext(1_000, 403, ({ kind, method }) => method === 'PATCH' && kind === 'Deployment');
    const spec = launchOf();
    await expect(start(spec)).rejects.toThrow('403');
    cluster.api.intercept = () => false;
    const later = await cluster.driver();
    const found = only(await later.list());
    expect(found.launch_id).toBe(spec.launch_id);
    expect(await later.inspect(found.launch_id, found.data)).toBeUndefined();
    await later.stop(found.launch_id, found.data, 0);
    expect(await later.list()).toEqual([]);
  });
});

describe('an API server in trouble', () => {
  it.each([409, 429, 500, 503])('%i: the request is repeated', async (code) => {
    cluster.api.failNext(2, code, isPatch);
    expect((await start(launchOf())).replicas).toHaveLength(1);
    const patches = cluster.api.requests.filter(isPatch);
    expect(patches.map(({ kind }) => kind)).toEqual(['Service', 'Service', 'Service', 'Deployment']);
  });

  it('429: it is left alone for as long as it wants to be', async () => {
    cluster.api.failNext(1, 429, isPatch, { 'retry-after': '1' });
    const begin = performance.now();
    await start(launchOf());
    expect(performance.now() - begin).toBeGreaterThan(990);
    cluster.api.failNext(1, 429, isPatch, { 'retry-after': '3600' });
    await expect(start(launchOf())).rejects.toMatchObject({
      recoverable: true,
      message: expect.stringContaining('429') as string,
    });
  });

  it('422: what it does not take is not sent again', async () => {
    cluster.api.invalid = () => ['spec.replicas: Invalid value'];
    await expect(start(launchOf())).rejects.toMatchObject({
      recoverable: false,
      message: expect.stringContaining('422 Invalid: spec.replicas: Invalid value') as string,
    });
    expect(cluster.api.requests.filter(isPatch)).toHaveLength(1);
  });

  /** Something happens to the watches, then to the plugin: the driver must notice the second all the same. */
  async function survives(trouble: () => void | Promise<void>): Promise<void> {
    const spec = launchOf();
    const told = follow(spec, await start(spec));
    await trouble();
    cluster.kubelet.kill(podOf(spec));
    await expect.poll(() => told.exits).toHaveLength(1);
    const other = launchOf();
    expect((await start(other)).replicas).toHaveLength(1);
  }

  it('cuts the watches in the middle', () => survives(() => cluster.api.cutWatches()));

  it.each(['event', 'status'] as const)('410, as %s: everything is listed anew', async (expiredAs) => {
    cluster.api.expiredAs = expiredAs;
    const lists = () =>
      cluster.api.requests.filter(
        (request) => request.method === 'GET' && !isWatch(request) && request.query.has('limit'),
      );
    await survives(async () => {
      const before = lists().length;
      cluster.store.compact();
      cluster.api.cutWatches();
      await expect.poll(() => lists().length - before).toBeGreaterThanOrEqual(3);
    });
  });

  it('410: what went meanwhile is noticed by its absence', async () => {
    const spec = launchOf();
    const told = follow(spec, await start(spec));
    cluster.api.failNext(1_000, 503, isWatch);
    cluster.api.cutWatches();
    cluster.controllers.delete(only(cluster.store.list('Deployment')));
    cluster.store.compact();
    await expect.poll(() => cluster.api.requests.filter(isWatch).length).toBeGreaterThan(6);
    expect(told.exits).toEqual([]);
    cluster.api.intercept = () => false;
    await expect.poll(() => told.exits).toHaveLength(1);
  });

  it('429 on a watch: it is left alone, and asked again', () =>
    survives(() => {
      cluster.api.failNext(3, 429, isWatch, { 'retry-after': '1' });
      cluster.api.cutWatches();
    }));

  it('ends its watches when their time is over: they go on where they were', async () => {
    const brief = await cluster.driver({}, { watchTimings: { watchSeconds: 1, backoffMs: [20, 500] } });
    const spec = launchOf();
    const told = follow(spec, await start(spec, brief), brief);
    const lists = () =>
      cluster.api.requests.filter((request) => request.kind === 'Pod' && request.query.has('limit')).length;
    const before = lists();
    const watches = cluster.api.requests.filter(isWatch).length;
    await expect.poll(() => cluster.api.requests.filter(isWatch).length).toBeGreaterThanOrEqual(watches + 6);
    cluster.kubelet.kill(podOf(spec));
    await expect.poll(() => told.exits).toHaveLength(1);
    expect(lists()).toBe(before);
  });

  it('goes away and comes back: plugins run on, and what happened meanwhile is told', async () => {
    const spec = launchOf();
    const told = follow(spec, await start(spec));
    const port = Number(new URL(cluster.api.url).port);
    await cluster.api.close();
    cluster.kubelet.kill(podOf(spec));
    await expect
      .poll(() => cluster.pods(spec.launch_id)[0]?.status)
      .toMatchObject({
        containerStatuses: [expect.objectContaining({ ready: false })],
      });
    expect(told.exits).toEqual([]);
    await cluster.api.listen(port);
    await expect.poll(() => told.exits).toHaveLength(1);
  });

  it('answers long lists in pages', async () => {
    cluster.api.pageSize = 2;
    const specs = Array.from({ length: 5 }, () => launchOf());
    await Promise.all(specs.map((spec) => start(spec)));
    const found = await (await cluster.driver()).list();
    expect(found.map(({ launch_id }) => launch_id).sort()).toEqual(specs.map(({ launch_id }) => launch_id).sort());
  });

  it('is asked for no more than a request for each object and a watch for each kind, however many launches there are', async () => {
    await Promise.all(Array.from({ length: 5 }, () => start(launchOf())));
    expect(cluster.api.watchCount).toBe(3);
    expect(cluster.api.requests.filter(isPatch)).toHaveLength(10);
  });
});

describe('the cluster of these tests', () => {
  it('leaves no process behind when it is closed', async () => {
    const other = await TestCluster.open();
    const spec = launchOf();
    await start(spec, await other.driver());
    expect(await other.processes(spec.launch_id)).toHaveLength(1);
    await other.close();
    // The controllers put a Pod in the place of one that ends, a turn later.
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect(await other.processes(spec.launch_id)).toEqual([]);
  });
});
