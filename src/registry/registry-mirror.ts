import { type ImageReference, parseImage } from './image-reference.js';
import type { RegistryLogin } from './registry-credentials.js';

/** A registry that holds, or fetches, the images of all others: for sites that cannot reach those. */
export interface RegistryMirror {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** What repositories are put under; `{registry}` stands for the registry that an image was named with. */
  readonly path: string;
  readonly login?: RegistryLogin;
}

const SHAPE = /^(?:(https?):\/\/)?(?:([^@/]*)@)?([^/@]+)(\/.*)?$/;
const EXAMPLE = 'https://user:password@mirror.example.com/proxy/{registry}';

/**
 * Reads `[http[s]://][user:password@]host[:port][/path]`.
 *
 * @throws Error saying what it must look like
 */
export function parseMirror(text: string): RegistryMirror {
  const [, scheme = 'https', userInfo, host = '', path = ''] = SHAPE.exec(text.trim()) ?? [];
  const mirror: RegistryMirror = {
    scheme: scheme === 'http' ? 'http' : 'https',
    host: host.toLowerCase(),
    path: path.replace(/^\/+|\/+$/g, ''),
    ...(userInfo !== undefined && { login: loginOf(userInfo) }),
  };
  try {
    // A host without a dot would be read as part of a repository, here and by every container engine.
    const { registry } = mirrored({ registry: 'docker.io', repository: 'library/probe' }, mirror);
    if (registry === mirror.host) return mirror;
  } catch {
    // Told below, in terms of the setting.
  }
  throw new Error(`must look like ${EXAMPLE}`);
}

/** The image as the mirror has it. @throws RegistryError `invalid` */
export function mirrored(image: ImageReference, { host, path }: RegistryMirror): ImageReference {
  const under = path.replaceAll('{registry}', image.registry.replace(':', '-'));
  const { registry, repository } = parseImage(`${host}/${under === '' ? '' : `${under}/`}${image.repository}`);
  return { ...image, registry, repository };
}

function loginOf(userInfo: string): RegistryLogin {
  const [username = '', ...password] = userInfo.split(':');
  return { username: decodeURIComponent(username), password: decodeURIComponent(password.join(':')) };
}
