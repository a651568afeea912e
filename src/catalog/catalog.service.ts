import { Injectable } from '@nestjs/common';
import { invalidPluginVersion, pluginDisabled, pluginNotFound } from '../common/errors/errors.js';
import type { Query } from '../generated/spaceone/api/core/v2/query.js';
import { compileQuery, inMemory, type Rows, runQuery } from '../query/index.js';
import { catalogFields } from './catalog.fields.js';
import { Catalog, type CatalogPlugin, type CatalogVersion, type RegistryType, type Release } from './catalog.js';
import { type CatalogMatch, toFilter, toPluginRow } from './catalog.mapper.js';
import { isWithin } from './image-at.js';

/** All that an agent has to know to run a version. */
export interface PluginLaunch extends CatalogVersion {
  readonly resourceType: string;
  /** What the registry of its image wants to be shown. */
  readonly registry?: { readonly type?: RegistryType; readonly config: Readonly<Record<string, unknown>> };
}

/** A version, and whose it is. */
export interface DeployableVersion extends CatalogVersion {
  /** The domain that alone may use it; undefined where every domain may. */
  readonly privateTo?: string;
}

/** Questions to the catalog whose answers are errors where it has none. */
@Injectable()
export class CatalogService {
  constructor(private readonly catalog: Catalog) {}

  /** @throws BerthError ERROR_PLUGIN_NOT_FOUND, also where the plugin is private to another domain */
  async plugin(pluginId: string, domainId?: string): Promise<CatalogPlugin> {
    const plugin = await this.catalog.find(pluginId, domainId);
    if (plugin === undefined) throw pluginNotFound(pluginId);
    return plugin;
  }

  /**
   * The plugins that a query asks for.
   *
   * @param secrets whether what registries want to be shown may be told, and asked for
   * @throws BerthError as {@link compileQuery} does, ERROR_REPOSITORY_BACKEND
   */
  async list(
    match: CatalogMatch,
    query: Query | undefined,
    domainId: string | undefined,
    secrets: boolean,
  ): Promise<Rows> {
    const compiled = compileQuery(query, catalogFields);
    const rows = (await this.catalog.list(domainId)).map((plugin) => ({ ...toPluginRow(plugin, secrets) }));
    return runQuery(compiled, [{ $match: toFilter(match) }], inMemory(rows));
  }

  /** The plugins that say after how long without a call they are idle, in milliseconds. */
  idleTtls(): ReadonlyMap<string, number> {
    return this.catalog.idleTtls();
  }

  /**
   * A version that the domain may have deployed.
   *
   * @throws BerthError ERROR_PLUGIN_NOT_FOUND, ERROR_INVALID_PLUGIN_VERSION, ERROR_PLUGIN_STATE_CHANGE
   */
  async version(pluginId: string, version: string, domainId?: string): Promise<DeployableVersion> {
    const { state, versions, domainId: privateTo } = await this.plugin(pluginId, domainId);
    if (state === 'DISABLED') throw pluginDisabled(pluginId);
    const found = await this.catalog.settle(pluginId, version, domainId);
    if (found !== undefined) return privateTo === undefined ? found : { ...found, privateTo };
    throw invalidPluginVersion(
      pluginId,
      version,
      versions.map((known) => known.version),
    );
  }

  /**
   * The newest final version; where there is none, the newest date, and a pre-release only where there is nothing else.
   *
   * @throws BerthError ERROR_PLUGIN_NOT_FOUND, ERROR_INVALID_PLUGIN_VERSION
   */
  async newestVersion(pluginId: string, domainId?: string): Promise<string> {
    const { versions, preferred } = await this.plugin(pluginId, domainId);
    if (preferred !== undefined) return preferred;
    throw invalidPluginVersion(
      pluginId,
      'newest',
      versions.map(({ version }) => version),
    );
  }

  /**
   * How a plugin that a domain has asked for is run; undefined when the catalog does not know it any more.
   *
   * @param privateTo whose it was then: what the domain has registered since under the same name is another plugin
   */
  async launch(
    pluginId: string,
    version: string,
    domainId?: string,
    privateTo = '',
  ): Promise<PluginLaunch | undefined> {
    const isSame = (found: Release | undefined) => (found?.plugin.domainId ?? '') === privateTo;
    let release = await this.catalog.release(pluginId, version, domainId);
    if (!isSame(release) && privateTo === '') release = await this.catalog.release(pluginId, version);
    if (release === undefined || !isSame(release)) return undefined;
    const { plugin, version: found } = release;
    const { resourceType, registryUrl, registryType, registryConfig } = plugin;
    // What one registry is shown is nobody else's business: a version may have an image of its own elsewhere.
    const within = found.container && isWithin(registryUrl, found.container.image);
    const registry = within && registryConfig && { type: registryType, config: registryConfig };
    return { ...found, resourceType, ...(registry && { registry }) };
  }
}
