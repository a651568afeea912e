import type { PluginInfo_State, PublicRegistryType } from '../generated/spaceone/api/repository/v1/plugin.js';

/** How the process driver runs a plugin. */
export interface ProcessLaunch {
  /** argv; no shell reads it. `node` is the agent's own Node.js. */
  readonly command: readonly string[];
  /** Relative to the agent's plugin directory. */
  readonly workingDirectory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How the Docker and Kubernetes drivers run a plugin. */
export interface ContainerLaunch {
  /** With its registry and without a tag: the version is the tag. */
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** `sha256:…`: what is run, whatever the tag names by now. */
  readonly digest?: string;
  readonly limits?: ContainerLimits;
}

/** The most that one instance may use; where nothing is said, the agent decides. */
export interface ContainerLimits {
  readonly memoryBytes?: number;
  readonly cpus?: number;
  /** Processes and threads. */
  readonly pids?: number;
}

export interface CatalogVersion {
  /** As it was published: nothing is rewritten. */
  readonly version: string;
  readonly process?: ProcessLaunch;
  readonly container?: ContainerLaunch;
}

export type PluginState = `${PluginInfo_State.ENABLED | PluginInfo_State.DISABLED}`;
export type RegistryType = `${Exclude<PublicRegistryType, PublicRegistryType.UNRECOGNIZED>}`;

type Data = Readonly<Record<string, unknown>>;

/** The repository that a plugin is registered in. */
export interface RepositoryOfPlugin {
  readonly id: string;
  readonly name: string;
  /** LOCAL, REMOTE or MANAGED */
  readonly type: string;
}

/** What a catalog says of a plugin, apart from its versions. */
export interface PluginDescription {
  readonly pluginId: string;
  readonly name: string;
  /** A plugin that is DISABLED runs on where it runs, and is not deployed anew. */
  readonly state: PluginState;
  /** `<service>.<Resource>`: `monitoring.Webhook` */
  readonly resourceType: string;
  /** After how long without a call its instances are removed, in milliseconds, where the plugin says so; 0 keeps them. */
  readonly idleTtl?: number;
  /** What every version's image is called, without registry and tag. */
  readonly image?: string;
  readonly provider?: string;
  readonly registryType?: RegistryType;
  /** `host[:port][/path]`, after `http://` where it has no TLS. */
  readonly registryUrl?: string;
  /** What the registry wants to be shown: may hold secrets. */
  readonly registryConfig?: Data;
  readonly capability?: Data;
  readonly labels?: readonly unknown[];
  readonly tags?: Data;
  readonly docs?: Data;
  /** The domain that alone may use it; undefined where every domain may. */
  readonly domainId?: string;
  /** Where it is registered, where the catalog is a repository service. */
  readonly repository?: RepositoryOfPlugin;
  readonly createdAt?: Date;
  readonly updatedAt?: Date;
}

export interface CatalogPlugin extends PluginDescription {
  /** Newest first; what is no version comes last. */
  readonly versions: readonly CatalogVersion[];
  /** The one that is taken where none is named; missing where there is no version. */
  readonly preferred?: string;
  /** Its versions are the tags of this image, and each is run like this. */
  readonly tagged?: ContainerLaunch;
}

/** One version, and the plugin that it is of. */
export interface Release {
  readonly plugin: PluginDescription;
  readonly version: CatalogVersion;
}

/**
 * Which plugins and versions exist, and how each is run. The port that every catalog backend implements. It is asked for a
 * domain; where none is named, it tells what every domain sees.
 */
export abstract class Catalog {
  /**
   * The plugin of that id, as the domain sees it: one that is private to another domain does not exist.
   *
   * @returns undefined when the catalog does not know it
   * @throws BerthError ERROR_REPOSITORY_BACKEND when the catalog cannot be asked
   */
  abstract find(pluginId: string, domainId?: string): Promise<CatalogPlugin | undefined>;

  /**
   * How a version is run, from what is known here: waits for no image registry.
   *
   * @throws BerthError ERROR_REPOSITORY_BACKEND when the catalog cannot be asked
   */
  async release(pluginId: string, version: string, domainId?: string): Promise<Release | undefined> {
    const plugin = await this.find(pluginId, domainId);
    const found = plugin?.versions.find((known) => known.version === version);
    return plugin && found && { plugin, version: found };
  }

  /**
   * A version that is about to be run for the first time: what exactly it is, is settled now.
   *
   * @returns undefined when there is no such version
   * @throws BerthError ERROR_REPOSITORY_BACKEND when the catalog cannot be asked
   */
  async settle(pluginId: string, version: string, domainId?: string): Promise<CatalogVersion | undefined> {
    return (await this.release(pluginId, version, domainId))?.version;
  }

  /**
   * All the plugins that the domain sees.
   *
   * @throws BerthError ERROR_REPOSITORY_BACKEND when the catalog cannot be asked
   */
  abstract list(domainId?: string): Promise<readonly PluginDescription[]>;

  /** The plugins that have an `idleTtl`. Asked again and again, so nobody elsewhere is asked for it. */
  idleTtls(): ReadonlyMap<string, number> {
    return new Map();
  }
}
