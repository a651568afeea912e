/**
 * A version, taken apart. Numbers are kept as their digits, as they are written: dates and times have more of them than
 * a JavaScript number holds, and leading zeros tell a date from a number.
 */
export interface Version {
  /** As it is written. Nothing else names the version. */
  readonly text: string;
  readonly epoch: string;
  /** `1.04.0` is 1, 04, 0. */
  readonly release: readonly string[];
  /** The pre-release, its label first and in full: `-b2` is beta, 2. One that semver alone reads may begin with a number. */
  readonly pre?: readonly string[];
  readonly post?: string;
  readonly dev?: readonly string[];
  /** What follows the `+`. */
  readonly local?: readonly string[];
}

/** The parts that a notation reads in a text. */
export type VersionParts = Omit<Version, 'text'>;
