import semver from 'semver';

/**
 * The tags that are versions, newest first. A tag counts where it is a whole semantic version (`1.2.3`, `v1.2.3`):
 * `latest` and `1.2` move from image to image.
 *
 * @param prereleases whether `1.2.3-rc.1` counts too
 */
export function semanticVersions(tags: Iterable<string>, prereleases = false): string[] {
  const versions = [...new Set(tags)].flatMap((tag) => {
    const version = semver.parse(tag);
    return version !== null && (prereleases || version.prerelease.length === 0) ? [{ tag, version }] : [];
  });
  return versions.sort((a, b) => b.version.compare(a.version) || a.tag.localeCompare(b.tag)).map(({ tag }) => tag);
}
