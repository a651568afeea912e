import { readFileSync } from 'node:fs';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
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
/** Plugins that are remembered. */
const MAX_PLUGINS = 5_000;

/** The catalog that a Cloudforet repository service keeps. What it said last goes on while it is away. */
export class RepositoryCatalog extends Catalog implements OnApplicationShutdown {
  private readonly logger = new Logger(RepositoryCatalog.name);
  private readonly plugins: StaleCache<CatalogPlugin | undefined>;
  private readonly all: StaleCache<readonly PluginDescription[]>;
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
      (pluginId) => this.watched(() => this.fetch(pluginId)),
      now,
    );
    this.all = new StaleCache(
      { ...timings, max: 1, freshFor: () => FRESH },
      () => this.watched(() => this.fetchAll()),
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

  override find(pluginId: string): Promise<CatalogPlugin | undefined> {
    return this.plugins.get(pluginId);
  }

  override list(): Promise<readonly PluginDescription[]> {
    return this.all.get('');
  }

  onApplicationShutdown(): void {
    this.client.close();
  }

  private async fetch(pluginId: string): Promise<CatalogPlugin | undefined> {
    const found = await this.client.find(pluginId);
    return found && toCatalogPlugin(pluginId, found);
  }

  private async fetchAll(): Promise<readonly PluginDescription[]> {
    return (await this.client.list()).map(toDescription);
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
