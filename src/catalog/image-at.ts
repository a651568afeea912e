/**
 * What a container engine pulls, without its tag: `<registry_url>/<image>`.
 *
 * @returns undefined where there is no image
 */
export function imageAt(registryUrl: string | undefined, image: string | undefined): string | undefined {
  if (image === undefined || image === '') return undefined;
  return isWithin(registryUrl, image) ? image : `${prefixOf(registryUrl)}/${image}`;
}

/** Whether an image is named with that registry, or with whatever registry there is. */
export function isWithin(registryUrl: string | undefined, image: string): boolean {
  const prefix = prefixOf(registryUrl);
  return prefix === '' || image.startsWith(`${prefix}/`);
}

function prefixOf(registryUrl = ''): string {
  return registryUrl
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '');
}
