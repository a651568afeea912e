import { repositoryBackend } from '../../common/errors/errors.js';
import {
  type PluginInfo,
  PluginInfo_State,
  PublicRegistryType as RegistryType,
} from '../../generated/spaceone/api/repository/v1/plugin.js';
import type { CatalogPlugin, PluginDescription } from '../catalog.js';
import { imageAt } from '../image-at.js';
import { NO_REGISTRY } from '../image-facts.js';
import { newestFirst } from '../newest-first.js';
import type { RepositoryPlugin } from './repository-client.js';

/** Names that are no kind of registry. */
const noRegistry = new Set<string | undefined>([undefined, RegistryType.NONE_REGISTRY_TYPE, RegistryType.UNRECOGNIZED]);

/** @throws BerthError ERROR_REPOSITORY_BACKEND where the plugin is another one, or cannot be used */
export function toCatalogPlugin(pluginId: string, { info, versions }: RepositoryPlugin): CatalogPlugin {
  const description = toDescription(info);
  if (description.pluginId !== pluginId) throw unusable(`it answers ${description.pluginId} for ${pluginId}`);
  if (!/^\w+\.\w+$/.test(description.resourceType)) {
    throw unusable(`resource_type of ${pluginId} is ${JSON.stringify(description.resourceType)}`);
  }
  const image = imageAt(description.registryUrl, description.image);
  return {
    ...description,
    versions: [...new Set(versions)]
      .sort(newestFirst)
      .map((version) => ({ version, ...(image !== undefined && { container: { image, env: {} } }) })),
  };
}

/** What a repository says of a plugin; empty strings and objects say nothing. */
export function toDescription(info: PluginInfo): PluginDescription {
  const { plugin_id: pluginId = '', registry_type: registryType, repository_info: repository } = info;
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

const unusable = (reason: string) => repositoryBackend(`the repository service answers what cannot be used: ${reason}`);
