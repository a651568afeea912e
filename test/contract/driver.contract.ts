import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DriverError } from '../../src/agent/drivers/driver-error.js';
import type { Driver, DriverData, Exit, LaunchSpec, RunningLaunch } from '../../src/agent/drivers/driver.js';

/** How the plugin of a launch shall behave; each driver's room makes its own kind of specification of it. */
export type Behaviour = 'serve' | 'crash' | 'ignore-term' | 'with-descendants' | 'missing-command';

/** Where a driver is put to the test: `open` may be called again, as an agent that comes back would. */
export interface DriverRoom {
  open(): Promise<Driver>;
  launch(behaviour: Behaviour): Pick<LaunchSpec, 'process' | 'container'>;
  /** How many processes (or containers) of this launch there are, seen from outside the driver. */
  count(launchId: string): Promise<number>;
  /** Ends the instance from outside, as a crash would. */
  kill(launchId: string): Promise<void>;
  dispose(): Promise<void>;
}

const never = new AbortController().signal;
/** What every driver must keep, whatever it runs plugins on: see `driver.ts`. */
export function describeDriver(name: string, openRoom: () => Promise<DriverRoom>): void {
  describe(`driver contract: ${name}`, () => {
    let room: DriverRoom;
    let driver: Driver;
    let launches: { id: string; data: DriverData }[] = [];

    beforeEach(async () => {
      room = await openRoom();
      driver = await room.open();
    });

    afterEach(async () => {
      for (const { id, data } of launches) await driver.stop(id, data, 0);
      launches = [];
      await driver.close();
      await room.dispose();
    });

    const specOf = (behaviour: Behaviour, incarnation = 1): LaunchSpec => ({
      plugin_id: 'plugin-contract',
      version: '1.0.0',
      launch_id: randomUUID(),
      incarnation,
      domain_id: 'domain-1',
      resource_type: 'monitoring.Webhook',
      ...room.launch(behaviour),
    });

    const prepare = async (spec: LaunchSpec): Promise<DriverData> => {
      const data = await driver.prepare(spec, never);
      launches.push({ id: spec.launch_id, data });
      return data;
    };

    const start = async (behaviour: Behaviour, incarnation?: number): Promise<[LaunchSpec, RunningLaunch]> => {
      const spec = specOf(behaviour, incarnation);
      return [spec, await driver.start(spec, await prepare(spec), never)];
    };

    const watch = ({ launch_id }: LaunchSpec, { data }: RunningLaunch): Exit[] => {
      const exits: Exit[] = [];
      driver.watch(launch_id, data, { exited: (exit) => void exits.push(exit), replicas: () => undefined });
      return exits;
    };

    /** The driver as a later agent finds it: nothing in memory, only what was kept. */
    const reopen = async (): Promise<void> => {
      await driver.close();
      driver = await room.open();
    };

    it('prepares without starting, with data that survives JSON', async () => {
      const spec = specOf('serve');
      const data = await prepare(spec);
      expect(JSON.parse(JSON.stringify(data))).toEqual(data);
      expect(await room.count(spec.launch_id)).toBe(0);
      expect(await driver.inspect(spec.launch_id, data)).toBeUndefined();
    });

    it('starts one instance, with an endpoint and an address to check', async () => {
      const [spec, running] = await start('serve');
      expect(running.replicas).toHaveLength(1);
      const [replica] = running.replicas;
      expect(replica?.endpoint).toMatch(/^grpc:\/\/.+:\d+$/);
      expect(replica?.port).toBeGreaterThan(0);
      expect(JSON.parse(JSON.stringify(running.data))).toEqual(running.data);
      expect(await room.count(spec.launch_id)).toBe(1);
    });

    it('starts nothing twice for one launch id', async () => {
      const [spec, running] = await start('serve');
      const again = await driver.start(spec, running.data, never);
      expect(again.replicas).toEqual(running.replicas);
      expect(await room.count(spec.launch_id)).toBe(1);
    });

    it('gives two launches different addresses', async () => {
      const [[, first], [, second]] = await Promise.all([start('serve', 1), start('serve', 2)]);
      expect(first.replicas[0]?.endpoint).not.toBe(second.replicas[0]?.endpoint);
    });

    it('starts nothing when the signal has aborted', async () => {
      const spec = specOf('serve');
      const data = await prepare(spec);
      await expect(driver.start(spec, data, AbortSignal.abort(new Error('enough')))).rejects.toThrow();
      expect(await room.count(spec.launch_id)).toBe(0);
    });

    it('names a missing command or image as not recoverable', async () => {
      const failure = await start('missing-command').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DriverError);
      expect(failure).toMatchObject({ recoverable: false, message: expect.stringContaining('no-such-') as string });
    });

    it('tells of an exit once, with its reason', async () => {
      const [spec, running] = await start('serve');
      const exits = watch(spec, running);
      await room.kill(spec.launch_id);
      await expect.poll(() => exits).toHaveLength(1);
      expect(exits[0]?.reason).not.toBe('');
      expect(exits[0]?.blameless).toBe(false);
      expect(await driver.inspect(spec.launch_id, running.data)).toBeUndefined();
    });

    it('tells of an exit that came before anybody watched', async () => {
      const [spec, running] = await start('crash');
      await expect.poll(() => room.count(spec.launch_id)).toBe(0);
      const exits = watch(spec, running);
      await expect.poll(() => exits).toHaveLength(1);
    });

    it('keeps the end of the output of this launch alone', async () => {
      const [first, running] = await start('crash', 1);
      const exits = watch(first, running);
      await expect.poll(() => exits).toHaveLength(1);
      expect(await driver.logs(running.data, 4_096)).toContain('boom');
      const second = specOf('serve', 2);
      const data = await prepare(second);
      expect(await driver.logs(data, 4_096)).toBe('');
      expect(Buffer.byteLength(await driver.logs(running.data, 20))).toBeLessThanOrEqual(20);
    });

    it('stops with everything that was started, tells nobody, and may be asked again', async () => {
      const [spec, running] = await start('with-descendants');
      const exits = watch(spec, running);
      await expect.poll(() => room.count(spec.launch_id)).toBeGreaterThan(1);
      await driver.stop(spec.launch_id, running.data, 60_000);
      expect(await room.count(spec.launch_id)).toBe(0);
      await driver.stop(spec.launch_id, running.data, 60_000);
      expect(exits).toEqual([]);
    });

    it('waits for the grace, then forces', async () => {
      const [spec, running] = await start('ignore-term');
      await expect.poll(() => driver.logs(running.data, 4_096)).toContain('serving');
      const begin = performance.now();
      await driver.stop(spec.launch_id, running.data, 400);
      expect(performance.now() - begin).toBeGreaterThan(390);
      expect(await room.count(spec.launch_id)).toBe(0);
    });

    it('stops what was only prepared', async () => {
      const spec = specOf('serve');
      const data = await prepare(spec);
      await driver.stop(spec.launch_id, data, 1_000);
      expect(await driver.inspect(spec.launch_id, data)).toBeUndefined();
    });

    it('finds a launch again after a restart of the agent, and watches and stops it', async () => {
      const [spec, running] = await start('serve');
      await reopen();
      const found = await driver.inspect(spec.launch_id, running.data);
      expect(found?.replicas).toEqual(running.replicas);
      const exits = watch(spec, running);
      await room.kill(spec.launch_id);
      await expect.poll(() => exits).toHaveLength(1);
      await driver.stop(spec.launch_id, running.data, 0);
    });

    it('finds a launch again by its mark when its start was not recorded', async () => {
      const spec = specOf('serve');
      const prepared = await prepare(spec);
      const running = await driver.start(spec, prepared, never);
      await reopen();
      const found = await driver.inspect(spec.launch_id, prepared);
      expect(found?.data).toEqual(running.data);
      expect(await room.count(spec.launch_id)).toBe(1);
    });

    it('lists what carries its marks, and nothing else', async () => {
      const [spec] = await start('with-descendants', 7);
      await expect.poll(() => room.count(spec.launch_id)).toBeGreaterThan(1);
      await reopen();
      const { launch_id, plugin_id, version } = spec;
      const found = await driver.list();
      expect(found).toEqual([expect.objectContaining({ launch_id, plugin_id, version, incarnation: 7 })]);
      await driver.stop(launch_id, found[0]?.data ?? {}, 0);
      expect(await driver.list()).toEqual([]);
      expect(await room.count(launch_id)).toBe(0);
    });

    it('does not touch the launches of another agent', async () => {
      const other = await openRoom();
      const theirs = await other.open();
      try {
        const spec = { ...specOf('serve'), ...other.launch('serve') };
        const running = await theirs.start(spec, await theirs.prepare(spec, never), never);
        expect(await driver.list()).toEqual([]);
        expect(await other.count(spec.launch_id)).toBe(1);
        await theirs.stop(spec.launch_id, running.data, 0);
      } finally {
        await theirs.close();
        await other.dispose();
      }
    });

    it('leaves everything running when it is closed', async () => {
      const [spec] = await start('serve');
      await driver.close();
      expect(await room.count(spec.launch_id)).toBe(1);
      driver = await room.open();
    });
  });
}
