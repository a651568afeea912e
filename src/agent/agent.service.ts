import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Hello, InstanceReport, Welcome } from '../generated/berth/link/v1/link.js';
import type { ResolvedAgentOptions } from './agent-options.js';
import { DataDirectory } from './data-directory.js';
import { createDriver } from './drivers/create-driver.js';
import type { Driver } from './drivers/driver.js';
import { HandleStore } from './handle-store.js';
import { LinkClient } from './link-client.js';
import { Log } from './log.js';
import { Reconciler } from './reconciler.js';
import { Semaphore } from '../common/semaphore.js';

/** The agent: from the start of the application that holds it until that is shut down. */
@Injectable()
export class AgentService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Log('Agent');
  private running?: { directory: DataDirectory; driver: Driver; reconciler: Reconciler; link: LinkClient };
  private tellConnected: (welcome: Welcome) => void = () => undefined;
  private readonly connected = new Promise<Welcome>((resolve) => (this.tellConnected = resolve));

  constructor(private readonly options: ResolvedAgentOptions) {}

  /** Resolves with the server's welcome, the first time it is connected. */
  whenConnected(): Promise<Welcome> {
    return this.connected;
  }

  /**
   * Takes over what an earlier agent has left, then connects in the background.
   *
   * @throws Error when another agent uses the data directory
   */
  async onApplicationBootstrap(): Promise<void> {
    const directory = await DataDirectory.open(this.options.dataDirectory);
    try {
      await this.run(directory);
    } catch (error) {
      await directory.close();
      throw error;
    }
  }

  /** Stops the plugins or leaves them, as it was told to, and says goodbye. */
  async beforeApplicationShutdown(): Promise<void> {
    if (!this.running) return;
    const { directory, reconciler, link } = this.running;
    this.running = undefined;
    if (this.options.onExit === 'stop') {
      this.log.info('stopping all plugins', 'the agent is ending');
      await reconciler.stopAll('the agent is ending');
    }
    await link.stop();
    await reconciler.close();
    await directory.close();
  }

  private async run(directory: DataDirectory): Promise<void> {
    const { options } = this;
    const { clock, random, timings, probes, server } = options;
    const driver = await createDriver(options, directory);
    const reconciler: Reconciler = new Reconciler({
      driver,
      store: new HandleStore(directory.instances),
      clock,
      random,
      timings,
      probes,
      slots: new Semaphore(options.parallelLaunches),
      publish: (report: InstanceReport): void => link.report(report),
    });
    const link = new LinkClient(
      { server, credentials: options.credentials, clock, random, timings: options.link },
      {
        hello: () => this.hello(driver, reconciler),
        welcomed: (welcome) => this.tellConnected(welcome),
        assignments: (assignments) => reconciler.apply(assignments),
      },
    );
    try {
      await reconciler.takeOver();
    } catch (error) {
      await reconciler.close();
      throw error;
    }
    this.running = { directory, driver, reconciler, link };
    link.start();
  }

  private hello(driver: Driver, reconciler: Reconciler): Hello {
    const { name, hostname, domainId, labels, isPublic, tags, capacity } = this.options;
    return {
      name,
      hostname,
      domain_id: domainId,
      labels: { ...labels },
      is_public: isPublic,
      tags: { ...tags },
      driver: driver.name,
      capacity,
      instances: reconciler.reports(),
    };
  }
}
