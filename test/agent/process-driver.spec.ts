import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Driver, Exit, LaunchSpec } from '../../src/agent/drivers/driver.js';
import { boundLog } from '../../src/agent/drivers/process/log-file.js';
import { ProcessDriver, type ProcessDriverOptions } from '../../src/agent/drivers/process/process.driver.js';
import { describeDriver, type Behaviour, type DriverRoom } from '../contract/driver.contract.js';
import { pluginPorts } from '../support/ports.js';
import { fixtures, processesWith } from './kit.js';

const ENV: Record<Behaviour, Record<string, string>> = {
  serve: {},
  crash: { CRASH_AT_START: '1' },
  'ignore-term': { IGNORE_SIGTERM: '1' },
  'with-descendants': { WITH_CHILD: '1', WITH_ESCAPED_CHILD: '1' },
  'missing-command': {},
};

const never = new AbortController().signal;

function driverIn(directory: string, more: Partial<ProcessDriverOptions> = {}): Driver {
  return new ProcessDriver({
    agentId: directory,
    pluginDirectory: fixtures,
    logDirectory: join(directory, 'logs'),
    advertiseHost: '127.0.0.1',
    bindHost: '127.0.0.1',
    portRange: pluginPorts,
    environment: { PATH: process.env['PATH'] ?? '' },
    random: Math.random,
    adoptedPollMs: 50,
    logCheckMs: 1_000,
    ...more,
  });
}

const commandOf = (behaviour: Behaviour): string[] =>
  behaviour === 'missing-command' ? ['no-such-program'] : ['node', 'plugin.mjs'];

describeDriver('process', async (): Promise<DriverRoom> => {
  const directory = await mkdtemp(join(tmpdir(), 'berth-driver-'));
  const pids = (launchId: string): number[] => processesWith('BERTH_LAUNCH_ID', launchId);
  return {
    open: () => Promise.resolve(driverIn(directory)),
    launch: (behaviour) => ({ process: { command: commandOf(behaviour), env: ENV[behaviour] } }),
    count: (launchId) => Promise.resolve(pids(launchId).length),
    kill: (launchId) => Promise.resolve(pids(launchId).forEach((pid) => process.kill(pid, 'SIGKILL'))),
    dispose: () => rm(directory, { recursive: true }),
  };
});

const specOf = (process: LaunchSpec['process']): LaunchSpec => ({
  plugin_id: 'plugin-a',
  version: '1.0.0',
  launch_id: randomUUID(),
  incarnation: 3,
  domain_id: '',
  resource_type: '',
  process,
});

/** Runs a program to its end and answers what it printed. */
async function outputOf(driver: Driver, launch: LaunchSpec['process']): Promise<{ output: string; exit: Exit }> {
  const spec = specOf(launch);
  const running = await driver.start(spec, await driver.prepare(spec, never), never);
  const exit = await new Promise<Exit>((exited) =>
    driver.watch(spec.launch_id, running.data, { exited, replicas: () => undefined }),
  );
  const output = await driver.logs(running.data, 65_536);
  await driver.stop(spec.launch_id, running.data, 0);
  return { output, exit };
}

async function inRoom(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-driver-'));
  try {
    await test(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

it('gives a plugin a clean environment: a few variables, its own, and the marks', () =>
  inRoom(async (directory) => {
    process.env['AGENT_SECRET'] = 'hidden';
    const driver = driverIn(directory, { environment: { PATH: '/usr/bin:/bin', TZ: 'UTC' } });
    const print = ['node', '-e', 'console.log(JSON.stringify(process.env))'];
    const env = { COLOR: 'blue', PORT: '1', BERTH_LAUNCH_ID: 'forged' };
    const { output } = await outputOf(driver, { command: print, env });
    const seen = JSON.parse(output) as Record<string, string>;
    expect(Object.keys(seen).sort()).toEqual(
      'BERTH_AGENT_ID BERTH_INCARNATION BERTH_LAUNCH_ID BERTH_PLUGIN_ID BERTH_PLUGIN_VERSION COLOR HOST PATH PORT SPACEONE_PORT TZ'.split(
        ' ',
      ),
    );
    expect(seen).toMatchObject({ COLOR: 'blue', HOST: '127.0.0.1', BERTH_PLUGIN_ID: 'plugin-a' });
    expect(seen['PORT']).not.toBe('1');
    expect(seen['SPACEONE_PORT']).toBe(seen['PORT']);
    expect(seen['BERTH_LAUNCH_ID']).not.toBe('forged');
    await driver.close();
  }));

it('lets no shell read the arguments', () =>
  inRoom(async (directory) => {
    const driver = driverIn(directory);
    const { output } = await outputOf(driver, { command: ['/bin/echo', '$(id); rm -rf /nowhere', '`id`'] });
    expect(output).toBe('$(id); rm -rf /nowhere `id`');
    await driver.close();
  }));

it('gives a plugin no input, and a group of its own', () =>
  inRoom(async (directory) => {
    const driver = driverIn(directory);
    const { output } = await outputOf(driver, {
      command: ['/bin/sh', '-c', 'cat; cut -d " " -f 5 /proc/$$/stat; echo $$'],
    });
    const [group, pid] = output.split('\n');
    expect(group).toBe(pid);
    await driver.close();
  }));

it.each([
  ['above the plugin directory', '..', 'lies outside the plugin directory'],
  ['at an absolute path', '/etc', 'lies outside the plugin directory'],
  ['behind a link that leads out', 'way-out', 'lies outside the plugin directory'],
  ['that is missing', 'nowhere', 'cannot be used'],
])('refuses a working directory %s', (_, working_directory, message) =>
  inRoom(async (directory) => {
    const plugins = join(directory, 'plugins');
    await mkdir(plugins);
    await symlink('/etc', join(plugins, 'way-out'));
    const driver = driverIn(directory, { pluginDirectory: plugins });
    const refused = driver.prepare(specOf({ command: ['node'], working_directory }), never);
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(message) as string });
    await expect(refused).rejects.toMatchObject({ recoverable: false });
    await driver.close();
  }),
);

it('tells a port that somebody else has taken from a crash', () =>
  inRoom(async (directory) => {
    const driver = driverIn(directory);
    const spec = specOf({ command: ['node', 'plugin.mjs'] });
    const data = await driver.prepare(spec, never);
    const squatter = createServer().listen(Number(data['port']), '127.0.0.1');
    const running = await driver.start(spec, data, never);
    const exit = await new Promise<Exit>((exited) =>
      driver.watch(spec.launch_id, running.data, { exited, replicas: () => undefined }),
    );
    expect(exit).toMatchObject({ blameless: true, reason: expect.stringContaining('was taken') as string });
    await driver.stop(spec.launch_id, running.data, 0);
    squatter.close();
    await driver.close();
  }));

it('keeps a log bounded while it is written, with the part before', () =>
  inRoom(async (directory) => {
    const path = join(directory, 'a.log');
    await writeFile(path, 'first\n'.repeat(100));
    await boundLog(path, 1_000);
    expect((await stat(path)).size).toBe(600);
    await boundLog(path, 500);
    expect((await stat(path)).size).toBe(0);
    expect((await stat(`${path}.1`)).size).toBe(600);
    await appendFile(path, 'second\n');
    expect((await stat(path)).size).toBe(7);
  }));

it('takes with a plugin that died what it had started in its group', () =>
  inRoom(async (directory) => {
    const driver = driverIn(directory);
    const script = 'require("child_process").spawn("sleep", ["1000"]); setTimeout(() => process.exit(5), 100)';
    const spec = specOf({ command: ['node', '-e', script] });
    const running = await driver.start(spec, await driver.prepare(spec, never), never);
    const exit = await new Promise<Exit>((exited) =>
      driver.watch(spec.launch_id, running.data, { exited, replicas: () => undefined }),
    );
    expect(exit).toEqual({ reason: 'exited with code 5', blameless: false });
    await expect.poll(() => processesWith('BERTH_LAUNCH_ID', spec.launch_id)).toEqual([]);
    await driver.stop(spec.launch_id, running.data, 0);
    await driver.close();
  }));
