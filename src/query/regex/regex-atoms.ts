import { RegexError } from './regex-error.js';

const CATEGORY = /[pP](?:[LMNPSZ]|\{\^?(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?)\})/.source;
const COMMON = `[dDwWsSftnr]|x[0-9a-fA-F]{2}|x\\{[0-9a-fA-F]{1,6}\\}|${CATEGORY}|[!-\\/:-@[-\`{-~]`;
const ESCAPE = new RegExp(`\\\\(?:[bBAz]|${COMMON})`, 'y');
const ESCAPE_IN_CLASS = new RegExp(`\\\\(?:${COMMON})`, 'y');
const POSIX = /\[:\^?[a-z]+:\]/y;

/** The end of the escape that starts at `at`. @throws RegexError when RE2 and PCRE2 do not agree upon it */
export function skipEscape(pattern: string, at: number, inClass: boolean): number {
  const syntax = inClass ? ESCAPE_IN_CLASS : ESCAPE;
  syntax.lastIndex = at;
  const escape = syntax.exec(pattern)?.[0];
  if (escape === undefined || isSurrogate(escape)) {
    throw new RegexError(`unsupported escape ${pattern.slice(at, at + 2)}`);
  }
  return at + escape.length;
}

/** PCRE2 refuses code points that are no characters. */
function isSurrogate(escape: string): boolean {
  const code = /^\\x\{(.*)\}$/.exec(escape)?.[1];
  return code !== undefined && /^0*d[89a-f]..$/i.test(code);
}

/** The end of the character class that starts at `at`. @throws RegexError when it has none */
export function skipClass(pattern: string, at: number): number {
  let end = at + (pattern[at + 1] === '^' ? 2 : 1);
  if (pattern[end] === ']') end++;
  while (pattern[end] !== ']') {
    if (end >= pattern.length) throw new RegexError('missing ]');
    POSIX.lastIndex = end;
    const posix = POSIX.exec(pattern)?.[0];
    if (posix !== undefined) end += posix.length;
    else if (pattern[end] === '\\') end = skipEscape(pattern, end, true);
    else end++;
  }
  return end + 1;
}
