import semver from 'semver';

/** Orders versions newest first; those that are not semantic come last. */
export function newestFirst(a: string, b: string): number {
  const [left, right] = [semver.parse(a, { loose: true }), semver.parse(b, { loose: true })];
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return semver.rcompare(left, right);
}
