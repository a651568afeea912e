import { readFileSync } from 'node:fs';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { BerthError } from '../../common/errors/berth-error.js';
import { Catalog, type CatalogPlugin, type PluginDescription } from '../catalog.js';
import { RepositoryClient, type RepositorySource } from './repository-client.js';
import { toCatalogPlugin, toDescription } from './repository-plugin.js';
import { StaleCache } from './stale-cache.js';

const SECOND = 1_000;

/** How long what the service said is taken as it was. */
const FRESH = 300 * SECOND;
/** The same for a plugin that it did not know: it may have been published since. */
const FRESH_UNKNOWN = 30 * SECOND;
const PAUSE = 10 * SECOND;
const PATIENCE = 2 * SECOND;
/** What is remembered: a plugin as a domain sees it, and all that a domain sees. */
const MAX_PLUGINS = 5_000;
const MAX_LISTS = 32;

/** Nobody's domain is empty: it stands for those who name none. */
const keyOf = (pluginId: string, domainId?: string) => JSON.stringify([domainId ?? '', pluginId]);

/**
 * The catalog that a Cloudforet repository service keeps. What it said last goes on while it is away. It is asked for each
 * domain by itself, since a domain may have plugins of its own, also under a name that everybody's plugin has.
 */
export class RepositoryCatalog extends Catalog implements OnApplicationShutdown {
  private readonly logger = new Logger(RepositoryCatalog.name);
  private readonly plugins: StaleCache<CatalogPlugin | undefined>;
  private readonly all: StaleCache<readonly PluginDescription[]>;
  /** What domains see alike is kept once, by the plugin. */
  private readonly common = new LRUCache<string, { readonly text: string; readonly plugin: CatalogPlugin }>({
    max: MAX_PLUGINS,
  });
  private away = false;

  /** @param client the service; a test may have another one */
  constructor(
    private readonly client: Pick<RepositoryClient, 'find' | 'list' | 'close'>,
    now: () => number = Date.now,
  ) {
    super();
    const timings = { pause: PAUSE, patience: PATIENCE };
    this.plugins = new StaleCache(
      { ...timings, max: MAX_PLUGINS, freshFor: (plugin) => (plugin === undefined ? FRESH_UNKNOWN : FRESH) },
      (key) => this.watched(() => this.fetch(key)),
      now,
    );
    this.all = new StaleCache(
      { ...timings, max: MAX_LISTS, freshFor: () => FRESH },
      (domainId) => this.watched(() => this.fetchAll(domainId)),
      now,
    );
  }

  /** @throws Error where the token file cannot be read */
  static at(source: RepositorySource): RepositoryCatalog {
    if (source.tokenFile !== undefined) {
      try {
        readFileSync(source.tokenFile);
      } catch (error) {
        throw new Error(`The token for the catalog cannot be read: ${(error as Error).message}`, { cause: error });
      }
    }
    return new RepositoryCatalog(new RepositoryClient(source));
  }

  override find(pluginId: string, domainId?: string): Promise<CatalogPlugin | undefined> {
    return this.plugins.get(keyOf(pluginId, domainId));
  }

  override list(domainId?: string): Promise<readonly PluginDescription[]> {
    return this.all.get(domainId ?? '');
  }

  onApplicationShutdown(): void {
    this.client.close();
  }

  private async fetch(key: string): Promise<CatalogPlugin | undefined> {
    const [domainId, pluginId] = JSON.parse(key) as [string, string];
    const found = await this.client.find(pluginId, domainId || undefined);
    return found && this.shared(toCatalogPlugin(pluginId, found));
  }

  private shared(plugin: CatalogPlugin): CatalogPlugin {
    if (plugin.domainId !== undefined) return plugin;
    const text = JSON.stringify(plugin);
    const known = this.common.get(plugin.pluginId);
    if (known?.text === text) return known.plugin;
    this.common.set(plugin.pluginId, { text, plugin });
    return plugin;
  }

  private async fetchAll(domainId: string): Promise<readonly PluginDescription[]> {
    return (await this.client.list(domainId || undefined)).map(toDescription);
  }

  /** Tells the log when the service goes away, and when it is back: once each. */
  private async watched<T>(fetch: () => Promise<T>): Promise<T> {
    try {
      const answer = await fetch();
      if (this.away) this.logger.log('The repository service answers again.');
      this.away = false;
      return answer;
    } catch (error) {
      if (!this.away) {
        const { message, cause } = error as BerthError;
        this.logger.warn({
          msg: 'The repository service cannot be asked; what it said before goes on.',
          reason: cause === undefined ? message : String(cause),
        });
      }
      this.away = true;
      throw error;
    }
  }
}
