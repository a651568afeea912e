import type { VersionParts } from './version.js';

/** The notation of PEP 440, appendix B, without blanks around it. */
const PATTERN = new RegExp(
  [
    /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)/,
    /(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d*))?/,
    /(?:-(?<build>\d+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d*))?/,
    /(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d*))?/,
    /(?:\+(?<local>[a-z\d]+(?:[-_.][a-z\d]+)*))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
  'i',
);

/** The labels of pre-releases that are one, by the name in full. The full names are in the order of the short ones. */
const LABELS: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', c: 'rc', pre: 'rc', preview: 'rc' };

/** @returns undefined where PEP 440 cannot read it */
export function readPep440(text: string): VersionParts | undefined {
  const groups = PATTERN.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { epoch, release = '', pre, preNumber, build, post, postNumber, dev, devNumber, local } = groups;
  return {
    epoch: epoch ?? '0',
    release: release.split('.'),
    ...(pre !== undefined && { pre: [fullLabel(pre), numberOf(preNumber)] }),
    ...(build !== undefined && { post: build }),
    ...(post !== undefined && { post: numberOf(postNumber) }),
    ...(dev !== undefined && { dev: [numberOf(devNumber)] }),
    ...(local !== undefined && { local: local.toLowerCase().split(/[-_.]/) }),
  };
}

/** The one name of a label that has several. */
export function fullLabel(label: string): string {
  const name = label.toLowerCase();
  return LABELS[name] ?? name;
}

/** A number that is left out is 0. */
const numberOf = (digits: string | undefined) => digits || '0';
