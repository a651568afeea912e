import { type ImageSource, locateImage, pullName } from '../../../registry/image-location.js';
import { RegistryClient } from '../../../registry/registry-client.js';
import { RegistryError } from '../../../registry/registry-error.js';
import type { RegistryMirror } from '../../../registry/registry-mirror.js';
import { DriverError } from '../driver-error.js';
import type { LaunchSpec } from '../driver.js';
import type { Ports } from '../ports.js';
import { containerOf, PLUGIN_PORT } from './container-spec.js';
import type { DockerData } from './docker-data.js';
import { type DockerSettings, limitsOf } from './docker-settings.js';
import type { EngineClient } from './engine-client.js';
import { EngineError, isPortClash } from './engine-error.js';
import type { Container } from './engine-types.js';
import { ImageStore, type ProvidedImage } from './image-store.js';
import { isOurs } from './marks.js';

export interface LauncherOptions {
  /** Marks what belongs to this agent, for as long as its data directory lives. */
  readonly agentId: string;
  readonly supervisorName: string;
  readonly settings: DockerSettings;
  readonly mirror?: RegistryMirror;
  /** Host of the endpoints that callers are given. */
  readonly advertiseHost: string;
  /** Address of the engine's host that plugins are published on. */
  readonly bindHost: string;
}

/** How often another port is tried where somebody else was faster. */
const PORT_ATTEMPTS = 5;

/** Brings a container to run: its image, a port, the container itself. */
export class Launcher {
  private readonly registry = new RegistryClient();
  private readonly images: ImageStore;

  constructor(
    private readonly engine: EngineClient,
    private readonly ports: Ports,
    private readonly options: LauncherOptions,
  ) {
    this.images = new ImageStore(engine);
  }

  close(): Promise<void> {
    return this.registry.close();
  }

  /** May be repeated at any point: what is there already is taken as it is. */
  async launch(
    spec: LaunchSpec,
    data: DockerData,
    signal: AbortSignal,
    progress: (reason: string) => void,
  ): Promise<Container> {
    const source = sourceOf(spec);
    const name = this.imageNameOf(spec);
    const login = () => this.registry.login(locateImage(source, this.options.mirror)).catch(registryFailed);
    const image = await this.images.provide({ name, login }, signal, progress);
    await this.admit(spec, image);
    let { port } = data;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      const container = await this.begin(spec, { ...data, port }, image).catch((error: Error) => error);
      if (!(container instanceof Error)) return container;
      // What was prepared is free again after `stop`.
      if (port !== data.port) this.ports.release(port);
      if (!isPortClash(container) || attempt === PORT_ATTEMPTS) throw portError(container, port);
      await this.engine.remove(data.name);
      port = await this.ports.reserve().catch(() => {
        throw portError(container, port);
      });
    }
  }

  /** Not given up half-way: what would become of it then is known to nobody. */
  private async begin(spec: LaunchSpec, data: DockerData, { pinned }: ProvidedImage): Promise<Container> {
    const { agentId, supervisorName, settings, bindHost } = this.options;
    const published = settings.reach === 'published' ? { host: bindHost, port: data.port } : undefined;
    const endpoint = this.endpointOf(data);
    const image = pullName(sourceOf(spec), spec.version, this.options.mirror);
    const plan = { spec, agentId, supervisorName, settings, image, pinned, published, endpoint };
    await this.engine.create(data.name, containerOf(plan)).catch((error: unknown) => {
      if (!(error instanceof EngineError && error.status === 409)) throw error;
    });
    const found = await this.engine.inspect(data.name);
    const created = found && isOurs(found, agentId, spec.launch_id) ? found : undefined;
    if (created?.State.Status !== 'created') return existing(created, data);
    await this.engine.start(created.Id);
    return existing(await this.engine.inspect(created.Id), data);
  }

  /** @throws DriverError where the engine's host can never run it, or must not */
  private async admit(spec: LaunchSpec, image: ProvidedImage): Promise<void> {
    const { settings } = this.options;
    if (settings.user === 0 && /^(?:|root|0+)(?::.*)?$/.test(image.user)) {
      throw new DriverError(`The image ${image.pinned} would run as root: it must name another user.`, false);
    }
    const { memoryBytes } = limitsOf(spec.container?.limits, settings);
    if (!spec.container?.limits?.memory_bytes) return;
    const { MemTotal } = await this.engine.info();
    if (memoryBytes <= MemTotal) return;
    const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
    throw new DriverError(
      `There is no room for it: it may use ${gib(memoryBytes)} of memory, and the engine has ${gib(MemTotal)}.`,
      false,
    );
  }

  private endpointOf({ name, port }: DockerData): string {
    const { advertiseHost, settings } = this.options;
    if (settings.reach === 'container') return `grpc://${name}:${PLUGIN_PORT}`;
    return `grpc://${advertiseHost.includes(':') ? `[${advertiseHost}]` : advertiseHost}:${port}`;
  }

  /** What the engine is told to run. @throws DriverError where there is nothing, or it cannot be read */
  imageNameOf(spec: LaunchSpec): string {
    try {
      return pullName(sourceOf(spec), spec.version, this.options.mirror, spec.container?.digest || undefined);
    } catch (error) {
      throw error instanceof DriverError ? error : new DriverError((error as Error).message, false, { cause: error });
    }
  }
}

function sourceOf({ plugin_id, version, container }: LaunchSpec): ImageSource {
  const { image, registry } = container ?? {};
  if (image) return { image, registryType: registry?.type, registryConfig: registry?.config };
  throw new DriverError(`The catalog names no image. (plugin_id = ${plugin_id}, version = ${version})`, false);
}

function registryFailed(error: unknown): never {
  if (!(error instanceof RegistryError)) throw error;
  const fault = error.failure === 'not-found' ? 'image-not-found' : undefined;
  throw new DriverError(error.message, error.passing, { cause: error, fault });
}

function existing(container: Container | undefined, { name }: DockerData): Container {
  if (container) return container;
  throw new DriverError(`The container ${name} was removed while it was started, or belongs to somebody else.`, true);
}

function portError(error: Error, port: number): unknown {
  if (!isPortClash(error)) return error;
  return new DriverError(`cannot be started: port ${port} is taken by somebody else (${error.message})`, true, {
    cause: error,
  });
}
