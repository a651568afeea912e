/**
 * What a container engine pulls, without its tag: `<registry_url>/<image>`.
 *
 * @returns undefined where there is no image
 */
export function imageAt(registryUrl: string | undefined, image: string | undefined): string | undefined {
  if (image === undefined || image === '') return undefined;
  return isWithin(registryUrl, image) ? image : `${registryPrefix(registryUrl)}/${image}`;
}

/** Whether an image is named with that registry, or with whatever registry there is. */
export function isWithin(registryUrl: string | undefined, image: string): boolean {
  const prefix = registryPrefix(registryUrl);
  return prefix === '' || image.startsWith(`${prefix}/`);
}

/** A registry as references name it: without its scheme, `host[:port][/path]`; empty where there is none. */
export function registryPrefix(registryUrl = ''): string {
  return registryUrl
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '');
}
