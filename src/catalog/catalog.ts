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
  /** Without a tag: the version is the tag. */
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface CatalogVersion {
  /** As it was published; compared as semantic version. */
  readonly version: string;
  readonly process?: ProcessLaunch;
  readonly container?: ContainerLaunch;
}

export interface CatalogPlugin {
  readonly pluginId: string;
  readonly name: string;
  /** `<service>.<Resource>`: `monitoring.Webhook` */
  readonly resourceType: string;
  /** Newest first. */
  readonly versions: readonly CatalogVersion[];
}

/** Which plugins and versions exist, and how each is run. The port that every catalog backend implements. */
export abstract class Catalog {
  /**
   * The plugin of that id.
   *
   * @returns undefined when the catalog does not know it
   * @throws BerthError ERROR_REPOSITORY_BACKEND when the catalog cannot be asked
   */
  abstract find(pluginId: string): Promise<CatalogPlugin | undefined>;
}
