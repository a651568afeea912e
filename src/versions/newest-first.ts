import { byText, compareVersions } from './compare.js';
import { parseVersion } from './parse-version.js';
import type { Version } from './version.js';

/**
 * Orders by version, newest first. Of tags that are the same version the one with more numbers comes first (`1.2` is moved
 * from image to image more often than `1.2.0`), then the one without a `v`, then by their characters. What is no version
 * comes last, by its characters.
 *
 * @param textOf the version of an item, as it is written
 */
export function newestFirst<T>(items: Iterable<T>, textOf: (item: T) => string): T[] {
  return Array.from(items, (item) => ({ item, text: textOf(item), version: parseVersion(textOf(item)) }))
    .sort(
      (a, b) =>
        Number(a.version === undefined) - Number(b.version === undefined) ||
        (a.version && b.version ? compareNewest(a.version, b.version) : byText(a.text, b.text)),
    )
    .map(({ item }) => item);
}

/** A total order: 0 only for the same text. */
export function compareNewest(a: Version, b: Version): number {
  return (
    compareVersions(b, a) ||
    b.release.length - a.release.length ||
    Number(hasPrefix(a)) - Number(hasPrefix(b)) ||
    byText(a.text, b.text)
  );
}

const hasPrefix = ({ text }: Version) => /^v/i.test(text);
