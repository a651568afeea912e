import { pluginNotDeployable } from '../../common/errors/errors.js';
import {
  type PluginInfo,
  PluginInfo_State,
  PublicRegistryType as RegistryType,
} from '../../generated/spaceone/api/repository/v1/plugin.js';
import type { CatalogPlugin, PluginDescription } from '../catalog.js';
import { imageAt } from '../image-at.js';
import { NO_REGISTRY } from '../image-facts.js';
import { versionList } from '../version-list.js';

/** A plugin and its versions, as a repository tells of them. */
export interface RepositoryPlugin {
  readonly info: PluginInfo;
  readonly versions: readonly string[];
}

/** Names that are no kind of registry. */
const noRegistry = new Set<string | undefined>([undefined, RegistryType.NONE_REGISTRY_TYPE, RegistryType.UNRECOGNIZED]);

/** @throws BerthError ERROR_PLUGIN_STATE_CHANGE where the plugin is another one, or cannot be used: asking again does not help */
export function toCatalogPlugin(pluginId: string, { info, versions }: RepositoryPlugin): CatalogPlugin {
  const description = toDescription(info);
  if (description.pluginId !== pluginId) throw unusable(pluginId, `it answers ${description.pluginId} for ${pluginId}`);
  if (!/^\w+\.\w+$/.test(description.resourceType)) {
    throw unusable(pluginId, `its resource_type is ${JSON.stringify(description.resourceType)}`);
  }
  const image = imageAt(description.registryUrl, description.image);
  const releases = [...new Set(versions)].map((version) => ({
    version,
    ...(image !== undefined && { container: { image, env: {} } }),
  }));
  return { ...description, ...versionList(releases, ({ version }) => version) };
}

/**
 * The domain that alone may use the plugin; undefined where every domain may. The service puts the domain of whoever asks,
 * or that of another service, into what it has from elsewhere: only plugins of its LOCAL repository belong to a domain.
 */
export function privateTo({ domain_id, repository_info }: PluginInfo): string | undefined {
  const isLocal = /^(local)?$/i.test(repository_info?.repository_type ?? '');
  return isLocal && domain_id ? domain_id : undefined;
}

/** What a repository says of a plugin; empty strings and objects say nothing. */
export function toDescription(info: PluginInfo): PluginDescription {
  const { plugin_id: pluginId = '', registry_type: registryType, repository_info: repository } = info;
  const owner = privateTo(info);
  // Another Berth says so of a plugin that has no image.
  const hasImage = info.registry_url !== NO_REGISTRY;
  return {
    pluginId,
    name: info.name || pluginId,
    state: info.state === PluginInfo_State.DISABLED ? 'DISABLED' : 'ENABLED',
    resourceType: info.resource_type ?? '',
    ...(hasImage && info.image && { image: info.image }),
    ...(info.provider && { provider: info.provider }),
    ...(hasImage &&
      !noRegistry.has(registryType) && { registryType: registryType as Exclude<RegistryType, 'UNRECOGNIZED'> }),
    ...(hasImage && info.registry_url && { registryUrl: info.registry_url }),
    ...(info.registry_config && { registryConfig: info.registry_config }),
    ...(info.capability && { capability: info.capability }),
    ...(info.labels && { labels: info.labels }),
    ...(info.tags && { tags: info.tags }),
    ...(info.docs && { docs: info.docs }),
    ...(owner !== undefined && { domainId: owner }),
    ...(repository?.repository_id && {
      repository: {
        id: repository.repository_id,
        name: repository.name ?? '',
        type: repository.repository_type ?? '',
      },
    }),
    ...momentOf('createdAt', info.created_at),
    ...momentOf('updatedAt', info.updated_at),
  };
}

function momentOf<K extends 'createdAt' | 'updatedAt'>(key: K, text: string | undefined): { [key in K]?: Date } {
  const moment = new Date(text ?? '');
  return (Number.isNaN(moment.getTime()) ? {} : { [key]: moment }) as { [key in K]?: Date };
}

const unusable = (pluginId: string, reason: string) =>
  pluginNotDeployable(pluginId, undefined, `The repository service tells of it what cannot be used: ${reason}.`);
