export { compareVersions } from './compare.js';
export { newestFirst } from './newest-first.js';
export { alternativesTo, byPreference } from './preference.js';
export { parseVersion } from './parse-version.js';
export type { Version } from './version.js';
export { classOf, type VersionClass } from './version-class.js';
