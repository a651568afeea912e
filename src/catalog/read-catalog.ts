import { invalidParameter, requiredParameter } from '../common/errors/errors.js';
import { compileValidator } from '../common/validation/compile-validator.js';
import { memoryBytes } from '../common/memory-size.js';
import type { CatalogPlugin, CatalogVersion, ContainerLaunch } from './catalog.js';
import { type FileContainer, FileContent, type FilePlugin, type FileVersion } from './file-catalog.schema.js';
import { imageAt } from './image-at.js';
import { versionList } from './version-list.js';

const validate = compileValidator(FileContent);

/**
 * Checks what a catalog file holds and returns its plugins.
 *
 * @throws BerthError naming the key at fault, and its value
 */
export function readCatalog(content: unknown): CatalogPlugin[] {
  const seen = new Set<string>();
  return validate(content).plugins.map((plugin, index) => {
    const key = `plugins[${index}]`;
    if (seen.has(plugin.plugin_id)) throw invalidParameter(`${key}.plugin_id`, 'is there twice', plugin.plugin_id);
    seen.add(plugin.plugin_id);
    const versions = plugin.versions?.map(({ version }) => version) ?? [];
    const twice = versions.find((version, at) => versions.indexOf(version) !== at);
    if (twice !== undefined) throw invalidParameter(`${key}.versions`, 'has a version twice', twice);
    return pluginOf(plugin, key);
  });
}

function pluginOf(plugin: FilePlugin, key: string): CatalogPlugin {
  const { image, provider, capability, labels, tags, docs } = plugin;
  const createdAt = momentOf(plugin.created_at, `${key}.created_at`);
  const updatedAt = momentOf(plugin.updated_at, `${key}.updated_at`) ?? createdAt;
  const versions = plugin.versions?.map((version, at) => versionOf(version, plugin, `${key}.versions[${at}]`)) ?? [];
  const tagged = plugin.versions === undefined ? taggedOf(plugin, key) : undefined;
  return {
    pluginId: plugin.plugin_id,
    name: plugin.name ?? plugin.plugin_id,
    state: plugin.state ?? 'ENABLED',
    resourceType: plugin.resource_type,
    ...(plugin.idle_ttl !== undefined && { idleTtl: plugin.idle_ttl }),
    ...(image !== undefined && { image }),
    ...(provider !== undefined && { provider }),
    ...(plugin.registry_type !== undefined && { registryType: plugin.registry_type }),
    ...(plugin.registry_url !== undefined && { registryUrl: plugin.registry_url }),
    ...(plugin.registry_config !== undefined && { registryConfig: plugin.registry_config }),
    ...(capability !== undefined && { capability }),
    ...(labels !== undefined && { labels }),
    ...(tags !== undefined && { tags }),
    ...(docs !== undefined && { docs }),
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    ...versionList(versions, ({ version }) => version),
    ...(tagged && { tagged }),
  };
}

function versionOf({ version, process, container }: FileVersion, plugin: FilePlugin, key: string): CatalogVersion {
  const image = container?.image ?? imageAt(plugin.registry_url, plugin.image);
  if (container !== undefined && image === undefined) throw requiredParameter(`${key}.container.image`);
  return {
    version,
    ...(process && {
      process: {
        command: process.command,
        workingDirectory: process.working_directory ?? '.',
        env: envOf(process.env),
      },
    }),
    ...(image !== undefined && { container: containerOf(image, container) }),
  };
}

/** @throws BerthError naming the key where there is no image whose tags could be listed */
function taggedOf({ registry_url, image, container }: FilePlugin, key: string): ContainerLaunch {
  const named = container?.image ?? imageAt(registry_url, image);
  if (named === undefined) throw requiredParameter(`${key}.versions`);
  if (container?.digest !== undefined) {
    throw invalidParameter(`${key}.container.digest`, 'belongs to one version', container.digest);
  }
  return containerOf(named, container);
}

function containerOf(image: string, { env, digest, limits }: FileContainer = {}): ContainerLaunch {
  const { memory, cpus, pids } = limits ?? {};
  const known = {
    ...(memory !== undefined && { memoryBytes: memoryBytes(memory) }),
    ...(cpus !== undefined && { cpus }),
    ...(pids !== undefined && { pids }),
  };
  return { image, env: envOf(env), ...(digest !== undefined && { digest }), ...(limits && { limits: known }) };
}

const envOf = (env: Record<string, unknown> | undefined) =>
  Object.fromEntries(Object.entries(env ?? {}).map(([name, value]) => [name, String(value)]));

function momentOf(text: string | undefined, key: string): Date | undefined {
  if (text === undefined) return undefined;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw invalidParameter(key, 'is no date', text);
  return moment;
}
