import type { Version } from './version.js';

type Compare<T> = (a: T, b: T) => number;

/**
 * Compares two versions as PEP 440 does. What semver alone reads is put among the rest: its pre-releases come before the
 * final release, and among each other as semver has them.
 *
 * @returns below 0 where a is older, above 0 where it is newer, 0 where they are the same version: `1.2`, `v1.2.0`
 */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareNumbers(a.epoch, b.epoch) ||
    compareReleases(a.release, b.release) ||
    stageOf(a) - stageOf(b) ||
    compareLists(a.pre ?? [], b.pre ?? [], compareIdentifiers) ||
    compareNumbers(a.post ?? NONE, b.post ?? NONE) ||
    compareDevelopment(a.dev, b.dev) ||
    compareLists(a.local ?? [], b.local ?? [], compareLocal)
  );
}

/** Less than any number: it has no digits. */
const NONE = '';

const DIGITS = /^\d+$/;

/** How far a release has come: the number of a pre-release alone, in development, a pre-release with a label, final. */
function stageOf({ pre, post, dev }: Version): number {
  if (pre !== undefined) return isNumber(pre[0] ?? '') ? 0 : 2;
  return dev !== undefined && post === undefined ? 1 : 3;
}

/** Numbers that are missing at the end are 0. */
function compareReleases(a: readonly string[], b: readonly string[]): number {
  const length = Math.max(a.length, b.length);
  const filled = (release: readonly string[]) => Array.from({ length }, (_, at) => release[at] ?? '0');
  return compareLists(filled(a), filled(b), compareNumbers);
}

/** What is in development comes before what it becomes. */
function compareDevelopment(a: readonly string[] | undefined, b: readonly string[] | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compareLists(a, b, compareIdentifiers);
}

/** By the first difference; where there is none, the longer one is the newer. */
function compareLists(a: readonly string[], b: readonly string[], compare: Compare<string>): number {
  const at = a.findIndex((item, index) => index >= b.length || compare(item, b[index] as string) !== 0);
  if (at < 0) return a.length - b.length;
  return at < b.length ? compare(a[at] as string, b[at] as string) : 1;
}

/** As semver has identifiers of pre-releases: numbers before texts. */
function compareIdentifiers(a: string, b: string): number {
  return isNumber(a) && isNumber(b) ? compareNumbers(a, b) : Number(isNumber(b)) - Number(isNumber(a)) || byText(a, b);
}

/** As PEP 440 has local versions: texts before numbers. */
function compareLocal(a: string, b: string): number {
  return isNumber(a) && isNumber(b) ? compareNumbers(a, b) : Number(isNumber(a)) - Number(isNumber(b)) || byText(a, b);
}

/** Digits of any length, leading zeros aside. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+(?=\d)/, '')) as [string, string];
  return left.length - right.length || byText(left, right);
}

const isNumber = (identifier: string) => DIGITS.test(identifier);

/** In the order of their characters. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
