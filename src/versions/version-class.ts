import type { Version } from './version.js';

/**
 * - `final`: a release with numbers of its own.
 * - `dated`: a release that has a date, or another stamp, in place of numbers.
 * - `pre-release`: released before a final one, or in the course of development, by either notation.
 */
export type VersionClass = 'final' | 'dated' | 'pre-release';

/** A number of six digits or more: `20250821`, `202508210758`, `1755763080`. */
const STAMP = /^0*[1-9]\d{5}/;
const YEAR = /^(?:19|20)\d\d$/;
/** What follows a year: nothing, a month with two digits, or a month and a day, and whatever comes after them. */
const REST_OF_DATE = /^(?:|0[1-9]|1[0-2]|(?:0?[1-9]|1[0-2])\.(?:0?[1-9]|[12]\d|3[01])(?:\.\d+)*)$/;

export function classOf(version: Version): VersionClass {
  if (version.pre !== undefined || version.dev !== undefined) return 'pre-release';
  return isStamped(version) || isWrittenAsDate(version) ? 'dated' : 'final';
}

/** Whether it begins with a number that is no count: a day, a second, the number of a build. */
export function isStamped({ release: [first = ''] }: Version): boolean {
  return STAMP.test(first);
}

/** Whether its numbers are written as a year, a month or a day are: `2025`, `2025.08`, `2025.8.21`. */
export function isWrittenAsDate({ release }: Version): boolean {
  return countsYears({ release }) && REST_OF_DATE.test(release.slice(1).join('.'));
}

/** Whether its first number may be a year. */
export function countsYears({ release: [first = ''] }: Pick<Version, 'release'>): boolean {
  return YEAR.test(first);
}
