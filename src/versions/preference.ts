import { compareNewest } from './newest-first.js';
import { parseVersion } from './parse-version.js';
import type { Version } from './version.js';
import { classOf, countsYears, isStamped, isWrittenAsDate } from './version-class.js';

/**
 * The versions in the order in which they are taken where none is named: final releases before pre-releases, numbered
 * ones before those that are dates, and newest first. What is no version is left out.
 *
 * Where the newest number counts years itself (`2025.8.1`), what is written as a date (`2025.10.12`) is a number as well.
 */
export function byPreference(texts: Iterable<string>): string[] {
  const versions = Array.from(texts, parseVersion)
    .filter((version) => version !== undefined)
    .sort(compareNewest);
  const [finals, others] = parted(versions, (version) => classOf(version) !== 'pre-release');
  return [...numbersFirst(finals), ...numbersFirst(others)].map(({ text }) => text);
}

/**
 * What may serve in place of a version that does not, the best first. Nobody who asks for a final version is sent to a
 * pre-release.
 */
export function alternativesTo(text: string, others: Iterable<string>): string[] {
  const mayBePreRelease = isPreRelease(text);
  return byPreference(others).filter((other) => mayBePreRelease || !isPreRelease(other));
}

/** @param versions newest first */
function numbersFirst(versions: readonly Version[]): Version[] {
  const newestNumber = versions.find((version) => !isStamped(version) && !isWrittenAsDate(version));
  const yearsAreNumbers = newestNumber !== undefined && countsYears(newestNumber);
  return parted(versions, (version) => !isStamped(version) && (yearsAreNumbers || !isWrittenAsDate(version))).flat();
}

function isPreRelease(text: string): boolean {
  const version = parseVersion(text);
  return version !== undefined && classOf(version) === 'pre-release';
}

function parted(versions: readonly Version[], isFirst: (version: Version) => boolean): [Version[], Version[]] {
  return [versions.filter(isFirst), versions.filter((version) => !isFirst(version))];
}
