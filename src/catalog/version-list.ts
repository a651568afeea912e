import { byPreference, newestFirst } from '../versions/index.js';

/** Versions as catalogs hold them. */
export interface VersionList<T> {
  /** Newest first; what is no version comes last. */
  readonly versions: readonly T[];
  /** What is taken where none is named; missing where there is no version. */
  readonly preferred?: string;
}

export function versionList<T>(items: readonly T[], textOf: (item: T) => string): VersionList<T> {
  const [preferred] = byPreference(items.map(textOf));
  return { versions: newestFirst(items, textOf), ...(preferred !== undefined && { preferred }) };
}
