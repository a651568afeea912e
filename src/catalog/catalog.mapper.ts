import {
  type PluginInfo,
  PluginInfo_State,
  type PluginQuery,
  PublicRegistryType,
} from '../generated/spaceone/api/repository/v1/plugin.js';
import type { MongoFilter } from '../query/index.js';
import type { CatalogPlugin, PluginDescription, RepositoryOfPlugin } from './catalog.js';
import { imageFactsOf } from './image-facts.js';

/** A plugin as queries see it. */
export interface PluginRow extends Omit<PluginInfo, 'plugin_id' | 'created_at' | 'updated_at'> {
  readonly _id: string;
  readonly created_at?: Date;
  readonly updated_at?: Date;
}

/** Fields that rows must equal; undefined asks for nothing. */
export type CatalogMatch = Omit<PluginQuery, 'query' | 'repository_id'>;

/** Of a plugin that is in no repository but the catalog itself. */
const OWN: RepositoryOfPlugin = { id: 'repo-berth', name: 'Berth', type: 'MANAGED' };

type Described = PluginDescription & Partial<Pick<CatalogPlugin, 'versions' | 'tagged'>>;

/** @param secrets whether what the registry wants to be shown may be told, and asked for */
export function toPluginRow(plugin: Described, secrets: boolean): PluginRow {
  const { provider, registryConfig, createdAt, updatedAt, capability, labels, tags, docs } = plugin;
  const { id, name, type } = plugin.repository ?? OWN;
  const { image, registry_url, registry_type } = imageFactsOf(plugin);
  return {
    _id: plugin.pluginId,
    name: plugin.name,
    state: PluginInfo_State[plugin.state],
    resource_type: plugin.resourceType,
    image,
    ...(provider !== undefined && { provider }),
    registry_type: PublicRegistryType[registry_type],
    registry_url,
    registry_config: secrets ? { ...registryConfig } : {},
    ...(capability !== undefined && { capability }),
    ...(labels !== undefined && { labels: [...labels] }),
    ...(tags !== undefined && { tags }),
    ...(docs !== undefined && { docs }),
    ...(plugin.domainId !== undefined && { domain_id: plugin.domainId }),
    repository_info: { repository_id: id, name, repository_type: type },
    ...(createdAt !== undefined && { created_at: createdAt }),
    ...(updatedAt !== undefined && { updated_at: updatedAt }),
  };
}

/** A plugin as the API answers it: with the fields that the query asked for. */
export function toPluginInfo({ _id, created_at, updated_at, ...fields }: Partial<PluginRow>): PluginInfo {
  return {
    ...(_id !== undefined && { plugin_id: _id }),
    ...fields,
    ...(created_at !== undefined && { created_at: created_at.toISOString() }),
    ...(updated_at !== undefined && { updated_at: updated_at.toISOString() }),
  };
}

/** Rows that match. */
export function toFilter({
  plugin_id,
  name,
  state,
  resource_type,
  provider,
  registry_type,
}: CatalogMatch): MongoFilter {
  const wanted = { _id: plugin_id, name, state, resource_type, provider, registry_type };
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([field, value]) => (value === undefined ? [] : [[field, { $eq: value }]])),
  );
}
