import { RE2JS } from 're2js';
import { QUERY_LIMITS } from '../limits.js';
import { queryError } from '../query-errors.js';
import { RegexError } from './regex-error.js';
import { waysToMatch } from './regex-ways.js';

/**
 * Ways that a backtracking engine may have to go through for one text: three repetitions without limit, and eight
 * alternatives.
 */
const MAX_WAYS = 2 ** 27;

/**
 * Checks a regular expression before a database evaluates it, and returns it as it is.
 *
 * The embedded database matches in linear time. MongoDB does not: PCRE2 backtracks, and only gives up after ten million
 * steps for each text. So a pattern must be valid for a linear-time engine (no look-around, no back-reference), mean
 * the same to both, and offer PCRE2 few ways to try: no repetition without limit of something that itself can match in
 * more than one way, as in `(a+)+` or `(a|b)*`, and no long row of optional parts. What is left grows with a small power
 * of the text's length, and `maxTimeMS` ends it.
 *
 * @throws ERROR_DB_QUERY
 */
export function guardRegex(pattern: string, key: string): string {
  if (pattern.length > QUERY_LIMITS.searchLength) {
    throw queryError(key, `a regular expression must not be longer than ${QUERY_LIMITS.searchLength}`, pattern.length);
  }
  if (pattern.includes('\0')) throw queryError(key, 'a regular expression cannot contain NUL');
  try {
    if (waysToMatch(pattern) > MAX_WAYS) throw new RegexError('it can match in too many ways');
    RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw queryError(key, `bad regular expression: ${reason}`, pattern);
  }
  return pattern;
}

/**
 * A regular expression that finds exactly this text.
 *
 * @throws ERROR_DB_QUERY when the text is too long or contains NUL, which no database pattern may
 */
export function literalRegex(text: string, key: string): string {
  if (text.length > QUERY_LIMITS.searchLength) {
    throw queryError(key, `must not be longer than ${QUERY_LIMITS.searchLength}`, text.length);
  }
  if (text.includes('\0')) throw queryError(key, 'a text to search for cannot contain NUL');
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
