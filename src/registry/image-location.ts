import { DOCKER_HUB, formatImage, parseImage, type ImageReference } from './image-reference.js';
import { mirrored, type RegistryMirror } from './registry-mirror.js';
import { credentialsOf, type RegistryCredentials } from './registry-credentials.js';

/** An image as catalogs name it. */
export interface ImageSource {
  readonly image: string;
  /** `host[:port][/path]`, after `http://` where it has no TLS. Nothing means that `image` says it all. */
  readonly registryUrl?: string;
  readonly registryType?: string;
  readonly registryConfig?: Readonly<Record<string, unknown>>;
}

/** Where an image is really fetched from. */
export interface ImageLocation {
  readonly reference: ImageReference;
  /** Root of the registry's API: `https://registry-1.docker.io`. */
  readonly api: string;
  readonly credentials?: RegistryCredentials;
}

/** Docker speaks HTTP to a registry on its own machine, and so do we. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

/**
 * Says where an image is fetched from, and with which credentials. With a mirror everything comes from there, and the
 * credentials of the registry itself are not shown to it.
 *
 * @throws RegistryError `invalid`, naming what cannot be read
 */
export function locateImage(source: ImageSource, mirror?: RegistryMirror): ImageLocation {
  const { image, registryUrl = '', registryType, registryConfig } = source;
  const [, scheme, prefix = ''] = /^(?:(https?):\/\/)?(.*?)\/*$/.exec(registryUrl.trim()) ?? [];
  const named = prefix === '' || image.startsWith(`${prefix}/`) ? image : `${prefix}/${image}`;
  const reference = parseImage(named);
  if (mirror !== undefined) {
    const { login } = mirror;
    return {
      reference: mirrored(reference, mirror),
      api: `${mirror.scheme}://${mirror.host}`,
      ...(login && { credentials: { kind: 'login', login } }),
    };
  }
  const credentials = credentialsOf(registryType, registryConfig);
  return { reference, api: apiOf(reference.registry, scheme), ...(credentials && { credentials }) };
}

/** What a container engine is told to pull. @throws RegistryError `invalid` */
export function pullName(source: ImageSource, version: string, mirror?: RegistryMirror, digest?: string): string {
  const { reference } = locateImage(source, mirror);
  const tagged = { ...reference, tag: reference.tag ?? version, ...(digest !== undefined && { digest }) };
  return formatImage(parseImage(formatImage(tagged)));
}

function apiOf(registry: string, scheme?: string): string {
  if (registry === DOCKER_HUB) return 'https://registry-1.docker.io';
  return `${scheme ?? (LOOPBACK.test(registry) ? 'http' : 'https')}://${registry}`;
}
