import { LRUCache } from 'lru-cache';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { BerthError } from '../../common/errors/berth-error.js';
import { pluginImageNotFound, pluginNotDeployable, repositoryBackend } from '../../common/errors/errors.js';
import { SingleFlight } from '../../common/single-flight.js';
import { type ImageLocation, type ImageSource, locateImage } from '../../registry/image-location.js';
import { isTag } from '../../registry/image-reference.js';
import type { RegistryClient } from '../../registry/registry-client.js';
import { RegistryError } from '../../registry/registry-error.js';
import type { RegistryMirror } from '../../registry/registry-mirror.js';
import { Catalog, type CatalogPlugin, type CatalogVersion, type PluginDescription } from '../catalog.js';
import { parseVersion } from '../../versions/index.js';
import { StaleCache } from '../repository/stale-cache.js';
import { type VersionList, versionList } from '../version-list.js';

const SECOND = 1_000;

/** How long a list of tags is taken as it was: a newer version is AUTO's after this long. */
const FRESH_TAGS = 60 * SECOND;
const PAUSE = 10 * SECOND;
/** How long somebody who has an old answer waits for a newer one: warm lookups come this way. */
const PATIENCE = 300;
const MAX_IMAGES = 5_000;
const MAX_DIGESTS = 20_000;

/**
 * Adds the versions of plugins that name only an image: they are the tags of the image that are versions. What was known
 * goes on while a registry is away, and whoever only has to be told how a version is run never waits for one.
 */
export class TaggedCatalog extends Catalog implements OnApplicationShutdown {
  private readonly logger = new Logger(TaggedCatalog.name);
  private readonly tags: StaleCache<VersionList<string>>;
  /** A tag that was resolved stays what it was, for as long as it is remembered. */
  private readonly digests = new LRUCache<string, string>({ max: MAX_DIGESTS });
  private readonly resolving = new SingleFlight<string>();

  /** @param inner what says which plugins there are */
  constructor(
    private readonly inner: Catalog & Partial<OnApplicationShutdown>,
    private readonly registry: Pick<RegistryClient, 'tags' | 'digest' | 'close'>,
    private readonly mirror?: RegistryMirror,
    now: () => number = Date.now,
  ) {
    super();
    this.tags = new StaleCache<VersionList<string>>(
      { freshFor: () => FRESH_TAGS, pause: PAUSE, patience: PATIENCE, max: MAX_IMAGES },
      (key) => this.asked(async () => versionsAmong(await this.registry.tags(this.locate(key)))),
      now,
    );
  }

  override async find(pluginId: string, domainId?: string): Promise<CatalogPlugin | undefined> {
    const plugin = await this.inner.find(pluginId, domainId);
    if (plugin?.tagged === undefined) return plugin;
    const { versions, ...rest } = await this.tags.get(keyOf(plugin));
    return { ...plugin, ...rest, versions: versions.map((version) => ({ version, container: plugin.tagged })) };
  }

  override list(domainId?: string): Promise<readonly PluginDescription[]> {
    return this.inner.list(domainId);
  }

  override idleTtls(): ReadonlyMap<string, number> {
    return this.inner.idleTtls();
  }

  override async release(pluginId: string, version: string, domainId?: string): ReturnType<Catalog['release']> {
    const plugin = await this.inner.find(pluginId, domainId);
    if (plugin?.tagged === undefined) return this.inner.release(pluginId, version, domainId);
    return isVersion(version) ? { plugin, version: this.versionOf(plugin, version) } : undefined;
  }

  /** A tag that was pushed a moment ago counts too, whether it is in the list or not. */
  override async settle(pluginId: string, version: string, domainId?: string): Promise<CatalogVersion | undefined> {
    const plugin = await this.inner.find(pluginId, domainId);
    if (plugin?.tagged === undefined) return this.inner.settle(pluginId, version, domainId);
    if (!isVersion(version)) return undefined;
    try {
      await this.digestOf(keyOf(plugin, version));
    } catch (error) {
      if (error instanceof RegistryError && error.failure === 'not-found') return undefined;
      // It was there: whoever pulls it finds out what it is.
      const { versions } = await this.tags.get(keyOf(plugin));
      if (!versions.includes(version)) throw refusalOf(error, plugin.pluginId, version);
    }
    return this.versionOf(plugin, version);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.registry.close();
    await this.inner.onApplicationShutdown?.();
  }

  private versionOf(plugin: CatalogPlugin, version: string): CatalogVersion {
    const digest = this.digests.get(keyOf(plugin, version));
    const container = { image: '', env: {}, ...plugin.tagged, ...(digest !== undefined && { digest }) };
    return { version, container };
  }

  private async digestOf(key: string): Promise<string> {
    const known = this.digests.get(key);
    if (known !== undefined) return known;
    const { tag = '' } = JSON.parse(key) as Key;
    const digest = await this.resolving.run(key, () => this.registry.digest(this.locate(key), tag));
    this.digests.set(key, digest);
    return digest;
  }

  private locate(key: string): ImageLocation {
    return locateImage((JSON.parse(key) as Key).source, this.mirror);
  }

  /** @throws BerthError ERROR_REPOSITORY_BACKEND, ERROR_PLUGIN_IMAGE_NOT_FOUND, ERROR_PLUGIN_STATE_CHANGE */
  private async asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      this.logger.warn({ msg: 'The versions of an image cannot be listed.', reason: (error as Error).message });
      throw refusalOf(error);
    }
  }
}

interface Key {
  readonly source: ImageSource;
  readonly tag?: string;
}

/** What is asked of which registry, and as whom: the same words for the same question. */
function keyOf({ tagged, registryUrl, registryType, registryConfig }: CatalogPlugin, tag?: string): string {
  const scheme = /^https?:\/\//.exec(registryUrl ?? '')?.[0];
  const image = tagged?.image ?? '';
  const [host = ''] = image.split('/');
  const source = { image, registryUrl: scheme && `${scheme}${host}`, registryType, registryConfig };
  return JSON.stringify({ source, tag } satisfies Key);
}

/** Whether it may be the tag of an image, and tells images apart by their age: `latest` does not. */
const isVersion = (tag: string): boolean => isTag(tag) && parseVersion(tag) !== undefined;

const versionsAmong = (tags: readonly string[]): VersionList<string> =>
  versionList([...new Set(tags)].filter(isVersion), (tag) => tag);

/** Callers try again what is UNAVAILABLE: only a registry that is away, or busy, is. */
function refusalOf(error: unknown, pluginId?: string, version?: string): BerthError {
  const { message } = error as Error;
  if (!(error instanceof RegistryError) || error.passing) return repositoryBackend(message, error);
  return (error.failure === 'not-found' ? pluginImageNotFound : pluginNotDeployable)(pluginId, version, message);
}
