import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { missingForDockerd, PrivateDockerd } from '../../test/docker/kit/private-dockerd.js';
import { freePort } from '../../test/support/free-port.js';
import { healthOf } from '../../test/support/plugin-health.js';
import { ServerProcess } from '../../test/support/server-process.js';
import type { Scenario } from '../kit/scenario.js';
import { median } from '../kit/statistics.js';

const EXAMPLE = 'plugin-aws-sns-mon-webhook:1.2.2';
const PREFIX = 'berth.bench';
const [NAME = '', VERSION = ''] = EXAMPLE.split(':');
const GOAL_MS = 200;

/** Looks as often as an agent does. */
async function untilServing(endpoint: string): Promise<void> {
  while ((await healthOf(endpoint).catch(() => '')) !== 'SERVING') await delay(5);
}

const timed = async (action: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await action();
  return performance.now() - begin;
};

/** The command line's own way, with the same rights and limits. */
async function run(dockerd: PrivateDockerd): Promise<void> {
  const port = await freePort();
  const rights = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
  const limits = ['--memory', '512m', '--pids-limit', '512'];
  dockerd.docker(
    'run',
    '--detach',
    '--publish',
    `127.0.0.1:${port}:50051`,
    ...rights,
    ...limits,
    `${PREFIX}/${EXAMPLE}`,
  );
  await untilServing(`grpc://127.0.0.1:${port}`);
}

export const dockerStart: Scenario = {
  name: 'docker-start',
  title: 'get_plugin_endpoint until a container serves, its image present, and docker run until it serves',
  async run({ pairs, progress }) {
    const missing = missingForDockerd();
    if (missing !== '') {
      progress(`skipped: there is no Docker engine here (${missing})`);
      return [];
    }
    const dockerd = await PrivateDockerd.start();
    try {
      execFileSync(process.execPath, ['scripts/build-images.js', '--prefix', PREFIX, EXAMPLE], {
        cwd: join(import.meta.dirname, '../../..'),
        env: { ...process.env, DOCKER_HOST: dockerd.host, DOCKER_BUILDKIT: '0' },
        stdio: 'ignore',
      });
      const ids = Array.from({ length: pairs + 1 }, (_, at) => `plugin-${at}`);
      const versions = [{ version: VERSION, container: { image: `${PREFIX}/${NAME}` } }];
      const plugins = ids.map((plugin_id) => ({ plugin_id, resource_type: 'monitoring.Webhook', versions }));
      const env = { BERTH_AGENT_DRIVER: 'docker', DOCKER_HOST: dockerd.host, BERTH_LOG_LEVEL: 'warn' };
      const server = await ServerProcess.start({ catalog: { plugins }, env });
      const subject: number[] = [];
      const baseline: number[] = [];
      try {
        for (const plugin_id of ids) {
          const request = { plugin_id, version: VERSION, domain_id: 'domain-1' };
          subject.push(await timed(() => server.call.ok('grpc', 'get_plugin_endpoint', request)));
          baseline.push(await timed(() => run(dockerd)));
          progress(`Berth ${subject.at(-1)?.toFixed(0)} ms, docker run ${baseline.at(-1)?.toFixed(0)} ms`);
        }
      } finally {
        await server.stop();
      }
      // The first of each has warmed up what comes after it.
      const [ours, theirs] = [subject.slice(1), baseline.slice(1)];
      const added = median(ours.map((ms, at) => ms - (theirs[at] ?? NaN)));
      return [
        {
          scenario: this.name,
          what: 'get_plugin_endpoint over docker run and the start of the plugin',
          figure: `${added >= 0 ? '+' : ''}${added.toFixed(0)} ms`,
          details: `Berth ${median(ours).toFixed(0)} ms, docker run ${median(theirs).toFixed(0)} ms; ${ours.length} pairs`,
          goal: `<= +${GOAL_MS} ms`,
          met: added <= GOAL_MS,
          data: { added, subject: ours, baseline: theirs },
        },
      ];
    } finally {
      await dockerd.dispose();
    }
  },
};
