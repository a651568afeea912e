import { Log } from '../../log.js';
import type { Driver, DriverData, Found, LaunchEvents, LaunchSpec, RunningLaunch } from '../driver.js';
import { objectName } from '../object-name.js';
import { isPortFree, Ports, type PortRange } from '../ports.js';
import { ContainerEvents, type EventTimings } from './container-events.js';
import { ContainerWatch } from './container-watch.js';
import { type DockerData, fromDriverData, toDriverData } from './docker-data.js';
import { type EngineAddress, isLocal } from './engine-address.js';
import { EngineClient } from './engine-client.js';
import { driverErrorOf } from './engine-error.js';
import { EngineHttp } from './engine-http.js';
import type { Container } from './engine-types.js';
import { Launcher, type LauncherOptions } from './launcher.js';
import { AGENT_LABEL, endpointIn, isOurs, LAUNCH_LABEL, readMarks } from './marks.js';
import { patiently } from './patiently.js';
import { replicaOf } from './replica.js';

export interface DockerDriverOptions extends LauncherOptions {
  readonly engine: EngineAddress;
  readonly portRange: PortRange;
  readonly random: () => number;
  readonly eventTimings?: EventTimings;
}

/** Runs each launch as a container of a Docker engine, which may be stopped and come back meanwhile. */
export class DockerDriver implements Driver {
  readonly name = 'docker';
  readonly overlaps = true;
  private readonly log = new Log('Docker');
  private readonly engine: EngineClient;
  private readonly launcher: Launcher;
  private readonly events: ContainerEvents;
  private readonly ports: Ports;
  private readonly watches = new Map<string, ContainerWatch>();

  /** @throws Error where the engine's address is not usable; the engine itself may be away */
  constructor(private readonly options: DockerDriverOptions) {
    const { engine, agentId, bindHost, portRange, random, eventTimings } = options;
    this.engine = new EngineClient(new EngineHttp(engine));
    // Who listens on another machine, only its engine knows.
    const isFree = isLocal(engine) ? isPortFree : () => Promise.resolve(true);
    this.ports = new Ports(bindHost, portRange, random, isFree);
    this.launcher = new Launcher(this.engine, this.ports, options);
    this.events = new ContainerEvents(this.engine, `${AGENT_LABEL}=${agentId}`, LAUNCH_LABEL, this.log, eventTimings);
    this.events.start();
  }

  async prepare(spec: LaunchSpec): Promise<DriverData> {
    this.launcher.imageNameOf(spec);
    const port = this.options.settings.reach === 'published' ? await this.ports.reserve() : 0;
    return toDriverData({ name: objectName(spec, spec.launch_id), port });
  }

  async start(
    spec: LaunchSpec,
    prepared: DriverData,
    signal: AbortSignal,
    progress: (reason: string) => void = () => undefined,
  ): Promise<RunningLaunch> {
    const data = fromDriverData(prepared);
    signal.throwIfAborted();
    try {
      const container = await patiently(() => this.launcher.launch(spec, data, signal, progress), signal, progress);
      return this.running(data, container);
    } catch (error) {
      signal.throwIfAborted();
      throw driverErrorOf('cannot be started', error);
    }
  }

  async inspect(launchId: string, prepared: DriverData): Promise<RunningLaunch | undefined> {
    const data = fromDriverData(prepared);
    try {
      const container = await this.find(launchId, data);
      if (!container?.State.Running) return undefined;
      const running = this.running(data, container);
      const { port } = fromDriverData(running.data);
      if (port > 0) this.ports.claim(port);
      return running;
    } catch (error) {
      throw driverErrorOf('cannot be looked for', error);
    }
  }

  watch(launchId: string, data: DriverData, events: LaunchEvents): () => void {
    const over = (): void => {
      unsubscribe();
      if (this.watches.get(launchId) === watch) this.watches.delete(launchId);
    };
    const watch = new ContainerWatch(this.engine, fromDriverData(data).name, events, over);
    const look = (unseen: boolean): void => {
      // Where the engine is away, it is looked at when it is back.
      watch.look(unseen).catch(({ message }: Error) => this.log.debug('cannot look', message, { launch_id: launchId }));
    };
    const unsubscribe = this.events.subscribe(launchId, look);
    this.watches.set(launchId, watch);
    look(false);
    return () => watch.silence();
  }

  async stop(launchId: string, prepared: DriverData, graceMs: number): Promise<void> {
    const data = fromDriverData(prepared);
    this.watches.get(launchId)?.silence();
    try {
      const container = await this.find(launchId, data);
      if (container) await this.end(container, graceMs);
    } catch (error) {
      throw driverErrorOf('cannot be removed', error);
    }
    this.ports.release(data.port);
  }

  async list(): Promise<readonly Found[]> {
    try {
      const containers = await this.engine.list(`${AGENT_LABEL}=${this.options.agentId}`);
      return containers.flatMap(({ Names, Labels }): Found[] => {
        const marks = readMarks(Labels);
        const name = Names[0]?.replace(/^\//, '');
        if (!marks || !name) return [];
        return [{ ...marks, data: toDriverData({ name, port: portOf(endpointIn(Labels)) }) }];
      });
    } catch (error) {
      throw driverErrorOf('cannot list what runs', error);
    }
  }

  async logs(data: DriverData, maxBytes: number): Promise<string> {
    try {
      return await this.engine.logs(fromDriverData(data).name, maxBytes);
    } catch {
      return '';
    }
  }

  async close(): Promise<void> {
    for (const watch of [...this.watches.values()]) watch.silence();
    await this.events.close();
    await Promise.all([this.engine.close(), this.launcher.close()]);
  }

  private async end({ Id, State, Config }: Container, graceMs: number): Promise<void> {
    if (State.Running && graceMs > 0) {
      const grace = AbortSignal.timeout(graceMs);
      await this.engine.signal(Id, Config.StopSignal || 'SIGTERM');
      await this.engine.untilOver(Id, grace).catch((error: unknown) => {
        if (!grace.aborted) throw error;
      });
    }
    await this.engine.remove(Id);
  }

  /** Only what carries the marks of this agent and this launch. */
  private async find(launchId: string, { name }: DockerData): Promise<Container | undefined> {
    const container = await this.engine.inspect(name);
    return container && isOurs(container, this.options.agentId, launchId) ? container : undefined;
  }

  private running({ name }: DockerData, container: Container): RunningLaunch {
    const endpoint = endpointIn(container.Config.Labels ?? {});
    const port = this.options.settings.reach === 'published' ? portOf(endpoint) : 0;
    return { data: toDriverData({ name, port }), replicas: [replicaOf(endpoint, container, this.options)] };
  }
}

const portOf = (endpoint: string): number => Number(/:(\d+)$/.exec(endpoint)?.[1] ?? 0);
