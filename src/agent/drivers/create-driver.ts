import type { ResolvedAgentOptions } from '../agent-options.js';
import type { DataDirectory } from '../data-directory.js';
import type { Driver } from './driver.js';
import { ProcessDriver } from './process/process.driver.js';

const ADOPTED_POLL_MS = 250;
const LOG_CHECK_MS = 5_000;

/** The driver that the options name: the one place that knows them all. @throws Error where it cannot be used here */
export async function createDriver(options: ResolvedAgentOptions, directory: DataDirectory): Promise<Driver> {
  switch (options.driver) {
    case 'process':
      return new ProcessDriver({
        agentId: directory.agentId,
        pluginDirectory: options.pluginDirectory,
        logDirectory: directory.logs,
        advertiseHost: options.advertiseHost,
        bindHost: options.bindHost,
        portRange: options.portRange,
        environment: options.environment,
        random: options.random,
        adoptedPollMs: ADOPTED_POLL_MS,
        logCheckMs: LOG_CHECK_MS,
      });
    case 'docker': {
      const { openDockerDriver } = await import('./docker/open-driver.js');
      return openDockerDriver(options, directory.agentId);
    }
    case 'kubernetes': {
      // With its client it takes as much memory as all the rest: others do without.
      const { openKubernetesDriver } = await import('./kubernetes/open-driver.js');
      return openKubernetesDriver(options, directory.agentId);
    }
  }
}
