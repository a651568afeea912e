import { fullLabel } from './pep440.js';
import type { VersionParts } from './version.js';

const NUMBER = '(?:0|[1-9]\\d*)';
const IDENTIFIER = `(?:${NUMBER}|\\d*[a-z-][\\da-z-]*)`;

/** The notation of Semantic Versioning 2.0.0, after a `v` or none. */
const PATTERN = new RegExp(
  `^v?(?<release>${NUMBER}\\.${NUMBER}\\.${NUMBER})` +
    `(?:-(?<pre>${IDENTIFIER}(?:\\.${IDENTIFIER})*))?` +
    '(?:\\+(?<build>[\\da-z-]+(?:\\.[\\da-z-]+)*))?$',
  'i',
);

/** The labels that PEP 440 knows, with a number or without. */
const KNOWN = /^(alpha|a|beta|b|preview|pre|c|rc|dev)(\d*)$/;

/**
 * Reads what PEP 440 has no words for, such as `1.0.0-next.3`, `1.0.0-alpha.beta` and `1.0.0-rc.1.2`, into its parts: a
 * label that both notations know is the same in both.
 *
 * @returns undefined where semver cannot read it
 */
export function readSemver(text: string): VersionParts | undefined {
  const groups = PATTERN.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { release = '', pre, build } = groups;
  return {
    epoch: '0',
    release: release.split('.'),
    ...(pre !== undefined && preOf(pre.toLowerCase().split('.'))),
    ...(build !== undefined && { local: build.toLowerCase().split(/[-.]/) }),
  };
}

function preOf([first = '', ...rest]: string[]): Pick<VersionParts, 'pre' | 'dev'> {
  const [, label, number] = KNOWN.exec(first) ?? [];
  if (label === undefined) return { pre: [first, ...rest] };
  const numbered = number ? [number, ...rest] : rest;
  return label === 'dev' ? { dev: numbered } : { pre: [fullLabel(label), ...numbered] };
}
