import { RegistryError } from './registry-error.js';

/** The name of an image, with nothing left out: `docker.io/library/alpine:3.20`. */
export interface ImageReference {
  /** `host` or `host:port`, as references name it: Docker Hub is `docker.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…`; it decides where there is a tag as well. */
  readonly digest?: string;
}

export const DOCKER_HUB = 'docker.io';

/** Other names that Docker Hub goes by in catalogs. */
const HUB_NAMES = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
]);

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/i;
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MAX_REPOSITORY = 255;

/**
 * Reads the name of an image, as `docker pull` does: without a registry it is on Docker Hub.
 *
 * @throws RegistryError `invalid`, naming the part at fault
 */
export function parseImage(text: string): ImageReference {
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0) throw invalid(text, 'it has more than one digest');
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const path = hasRegistry ? named.slice(slash + 1) : named;
  const colon = path.lastIndexOf(':');
  const tag = colon < 0 ? undefined : path.slice(colon + 1);
  const name = colon < 0 ? path : path.slice(0, colon);
  const registry = hubName(hasRegistry ? first : DOCKER_HUB);
  const repository = registry === DOCKER_HUB && !name.includes('/') ? `library/${name}` : name;
  if (!HOST.test(registry)) throw invalid(text, `${registry} is not the address of a registry`);
  if (!REPOSITORY.test(repository) || repository.length > MAX_REPOSITORY) {
    throw invalid(text, `${name} is not the name of a repository`);
  }
  if (tag !== undefined && !isTag(tag)) throw invalid(text, `${tag} is not a tag`);
  if (digest !== undefined && !DIGEST.test(digest)) throw invalid(text, `${digest} is not a sha256 digest`);
  return { registry, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** Whether an image can have such a tag: it has no `+` and no `!`, and is not long. */
export const isTag = (text: string): boolean => TAG.test(text);

/** As `docker pull`, a Pod and this module read it. */
export function formatImage({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function hubName(registry: string): string {
  const host = registry.toLowerCase();
  return HUB_NAMES.has(host) ? DOCKER_HUB : host;
}

const invalid = (image: string, reason: string): RegistryError =>
  new RegistryError('invalid', `The image name is not usable: ${reason}. (image = ${image.slice(0, 300)})`);
