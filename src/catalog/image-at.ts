/**
 * What a container engine pulls, without its tag: `<registry_url>/<image>`.
 *
 * @returns undefined where there is no image
 */
export function imageAt(registryUrl: string | undefined, image: string | undefined): string | undefined {
  if (image === undefined || image === '') return undefined;
  const registry = (registryUrl ?? '')
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '');
  return registry === '' || image.startsWith(`${registry}/`) ? image : `${registry}/${image}`;
}
