import { parseImage } from '../registry/image-reference.js';
import type { CatalogPlugin, PluginDescription, RegistryType } from './catalog.js';
import { imageAt, registryPrefix } from './image-at.js';

/** Where supervisors find the image of a plugin: `<registry_url>/<image>:<version>`. */
export interface ImageFacts {
  readonly image: string;
  readonly registry_url: string;
  readonly registry_type: RegistryType;
}

/** Stands for the registry of a plugin that has no image: nobody can have a host of this name (RFC 2606). */
export const NO_REGISTRY = 'registry.invalid';

type Described = PluginDescription & Partial<Pick<CatalogPlugin, 'versions' | 'tagged'>>;

/**
 * Image, registry and its type of any plugin. Cloudforet's supervisors read all three without asking whether they are
 * there, and one that they cannot read ends their whole round.
 */
export function imageFactsOf(plugin: Described): ImageFacts {
  const { registry, repository } = locate(plugin);
  return { image: repository, registry_url: registry, registry_type: plugin.registryType ?? typeOf(registry) };
}

function locate({ pluginId, image, registryUrl, tagged, versions }: Described) {
  const whole =
    imageAt(registryUrl, image) ?? tagged?.image ?? versions?.find(({ container }) => container)?.container?.image;
  if (whole === undefined) return { registry: NO_REGISTRY, repository: pluginId };
  const prefix = registryPrefix(registryUrl);
  if (prefix !== '' && whole.startsWith(`${prefix}/`)) {
    return { registry: prefix, repository: whole.slice(prefix.length + 1) };
  }
  try {
    return parseImage(whole);
  } catch {
    // A container engine says what is wrong with it.
    return { registry: NO_REGISTRY, repository: whole };
  }
}

const typesOfHosts: readonly (readonly [RegExp, RegistryType])[] = [
  [/^docker\.io$/, 'DOCKER_HUB'],
  [/\.dkr\.ecr\..+\.amazonaws\.com$/, 'AWS_PRIVATE_ECR'],
  [/(^|\.)ghcr\.io$/, 'GITHUB'],
  [/(^|\.)gcr\.io$|\.pkg\.dev$/, 'GCP_PRIVATE_GCR'],
  [/^registry\.invalid$/, 'DOCKER_HUB'],
];

/** By the host of the registry; any other speaks as Harbor does. */
function typeOf(registry: string): RegistryType {
  const host = registry.split(/[/:]/)[0] ?? '';
  return typesOfHosts.find(([pattern]) => pattern.test(host))?.[1] ?? 'HARBOR';
}
