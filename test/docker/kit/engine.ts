import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { DockerDriver, type DockerDriverOptions } from '../../../src/agent/drivers/docker/docker.driver.js';
import { dockerSettingsOf } from '../../../src/agent/drivers/docker/docker-settings.js';
import { LAUNCH_LABEL } from '../../../src/agent/drivers/docker/marks.js';
import type { LaunchSpec } from '../../../src/agent/drivers/driver.js';
import { pluginPorts } from '../../support/ports.js';
import { dockerAt } from './private-dockerd.js';

type ContainerLaunch = NonNullable<LaunchSpec['container']>;

/** The engine that the tests share, and the registry beside it. */
export class Engine {
  readonly host: string;
  readonly registry: string;
  readonly login: { readonly username: string; readonly password: string };

  constructor(host?: string) {
    const provided = inject('docker');
    if (!provided) throw new Error('There is no Docker engine here.');
    this.host = host ?? provided.host;
    this.registry = provided.registry;
    this.login = provided.login;
  }

  driver(options: Partial<DockerDriverOptions> = {}): DockerDriver {
    return new DockerDriver({
      agentId: randomUUID(),
      supervisorName: 'test',
      engine: { host: this.host },
      settings: dockerSettingsOf({}),
      advertiseHost: '127.0.0.1',
      bindHost: '127.0.0.1',
      portRange: pluginPorts,
      random: Math.random,
      ...options,
    });
  }

  /** @param name of a repository in the registry */
  container(name: string, env: Record<string, string> = {}, more: Partial<ContainerLaunch> = {}): ContainerLaunch {
    return { image: `${this.registry}/${name}`, env, registry: { type: 'HARBOR', config: this.login }, ...more };
  }

  launch(container: ContainerLaunch, version = '1.0.0'): LaunchSpec {
    return {
      plugin_id: 'plugin-a',
      version,
      launch_id: randomUUID(),
      incarnation: 3,
      domain_id: 'domain-1',
      resource_type: 'monitoring.Webhook',
      container,
    };
  }

  /** The `docker` command. @returns what it has printed */
  docker(...args: string[]): string {
    return dockerAt(this.host, args);
  }

  /** Ids of the containers of a launch, running or not. */
  containers(launchId: string, ...args: string[]): string[] {
    const found = this.docker('ps', '--quiet', '--no-trunc', '--filter', `label=${LAUNCH_LABEL}=${launchId}`, ...args);
    return found.split('\n').filter(Boolean);
  }

  /** How many processes run in the containers of a launch. */
  processes(launchId: string): number {
    const tops = this.containers(launchId).map((id) => this.docker('top', id, '-o', 'pid'));
    return tops.reduce((count, top) => count + top.split('\n').length - 1, 0);
  }

  kill(launchId: string): void {
    for (const id of this.containers(launchId)) this.docker('kill', id);
  }

  /** What is known of a container, as the engine's API answers it. */
  inspect(id: string): Record<string, unknown> {
    return (JSON.parse(this.docker('inspect', id)) as Record<string, unknown>[])[0] ?? {};
  }
}
