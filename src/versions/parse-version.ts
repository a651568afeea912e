import { readPep440 } from './pep440.js';
import { readSemver } from './semver.js';
import type { Version } from './version.js';

/** A commit hash that PEP 440 could read: `1234a56` would be the alpha 56 of 1234. A day with an alpha is no hash. */
const HASH = /^(?!(?:19|20)\d{6})(?=\d+[abc])[\da-f]{7,}$/;

/**
 * Reads a version as PEP 440 does and, where that cannot, as semver does.
 *
 * @returns undefined for what is no version: `latest`, `main`, a commit hash
 */
export function parseVersion(text: string): Version | undefined {
  if (HASH.test(text)) return undefined;
  const parts = readPep440(text) ?? readSemver(text);
  return parts && { text, ...parts };
}
