import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LaunchSpec } from '../../src/agent/drivers/driver.js';
import { KubernetesDriver } from '../../src/agent/drivers/kubernetes/kubernetes.driver.js';
import { KubernetesSettings } from '../../src/agent/drivers/kubernetes/settings.js';
import { launchOf } from './test-cluster.js';

const { KUBECONFIG, BERTH_TEST_NAMESPACE, BERTH_TEST_IMAGE } = process.env;
if (!KUBECONFIG) process.stdout.write('skipped: a real cluster (KUBECONFIG is not set)\n');
else if (!BERTH_TEST_IMAGE)
  process.stdout.write('skipped: serving from a real cluster (BERTH_TEST_IMAGE is not set)\n');

const never = new AbortController().signal;
const MINUTES = 60_000;

/**
 * Against the cluster of KUBECONFIG, in the namespace BERTH_TEST_NAMESPACE (or that of the context), which may enforce the
 * restricted profile. BERTH_TEST_IMAGE is the image of a plugin, with its tag as the version: `registry/plugin:1.2.2`.
 */
describe.skipIf(!KUBECONFIG)('a real cluster', { timeout: 5 * MINUTES }, () => {
  const agentId = randomUUID();
  let driver: KubernetesDriver;

  const open = (settings: object = {}) =>
    KubernetesDriver.open({
      agentId,
      supervisorName: 'test',
      namespace: BERTH_TEST_NAMESPACE,
      settings: new KubernetesSettings(settings, { stopGraceMs: 5_000, startTimeoutMs: 60_000 }),
      rollout: { provisionTimeoutMs: 30_000, startTimeoutMs: 60_000 },
      requestTimeoutMs: 10_000,
      patienceMs: 30_000,
    });

  const start = async (spec: LaunchSpec, by = driver) => by.start(spec, await by.prepare(spec), never);

  beforeAll(async () => {
    driver = await open();
  });

  afterAll(async () => {
    for (const { launch_id, data } of await driver.list()) await driver.stop(launch_id, data, 0);
    expect(await driver.list()).toEqual([]);
    await driver.close();
  }, 2 * MINUTES);

  it('takes the objects, and tells that there is no such image', async () => {
    const spec = launchOf({ container: { image: 'registry.invalid/no-such-plugin' } });
    await expect(start(spec)).rejects.toThrow(/ErrImagePull|ImagePullBackOff/);
    expect((await driver.list()).map(({ launch_id }) => launch_id)).toEqual([spec.launch_id]);
    await driver.stop(spec.launch_id, await driver.prepare(spec), 0);
    expect(await driver.list()).toEqual([]);
  });

  it('tells that no node takes it', async () => {
    const picky = await open({ node_selector: { 'berth/no-such-node': 'true' } });
    await expect(start(launchOf(), picky)).rejects.toThrow('Unschedulable');
    await picky.close();
  });

  it.skipIf(!BERTH_TEST_IMAGE)('serves, is taken over, and goes', async () => {
    const [, image = '', version = ''] = /^(.+):([^:/]+)$/.exec(BERTH_TEST_IMAGE ?? '') ?? [];
    const spec = launchOf({ version, container: { image } });
    const running = await start(spec);
    expect(running.replicas).toHaveLength(1);
    const later = await open();
    expect(await later.inspect(spec.launch_id, running.data)).toEqual(running);
    await later.stop(spec.launch_id, running.data, 5_000);
    expect(await later.inspect(spec.launch_id, running.data)).toBeUndefined();
    await later.close();
  });
});
