import { BSONRegExp } from 'bson';
import { RE2JS } from 're2js';
import { check, MongoError } from './errors.js';

const MAX_PATTERN = 1_000;
const cache = new Map<string, (text: string) => boolean>();

/**
 * Compiles a regular expression to a test that runs in time linear in the text, so that no pattern can hold the
 * process; what such an engine cannot do (look-around, back-references) is refused.
 * @throws 51091 for a pattern that is invalid, refused, or longer than 1,000 characters; 51108 for unknown flags.
 */
export function compileRegex(pattern: string, options: string): (text: string) => boolean {
  const key = `${options}/${pattern}`;
  const known = cache.get(key);
  if (known) return known;
  check(pattern.length <= MAX_PATTERN, 51091, `Regular expression is longer than ${MAX_PATTERN} characters`);
  check(!pattern.includes('\0'), 'BadValue', 'Regular expression cannot contain an embedded null byte');
  const test = build(pattern, flagsOf(options));
  if (cache.size >= 500) cache.clear();
  cache.set(key, test);
  return test;
}

function flagsOf(options: string): number {
  let flags = 0;
  for (const option of options) {
    check('imsux'.includes(option), 51108, `invalid flag in regex options: ${option}`);
    check(option !== 'x', 51108, 'the regex option x is not supported');
    if (option === 'i') flags |= RE2JS.CASE_INSENSITIVE;
    if (option === 'm') flags |= RE2JS.MULTILINE;
    if (option === 's') flags |= RE2JS.DOTALL;
  }
  return flags;
}

function build(pattern: string, flags: number): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern, flags);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MongoError(51091, `Regular expression is invalid: ${reason}`);
  }
}

/** The test of a `$regex` operand: a string with options, or a BSON regular expression. */
export function regexOperand(operand: unknown, options: unknown): (text: string) => boolean {
  check(options === undefined || typeof options === 'string', 'BadValue', '$options has to be a string');
  if (operand instanceof BSONRegExp) return compileRegex(operand.pattern, options ?? operand.options);
  check(typeof operand === 'string', 'BadValue', '$regex has to be a string');
  return compileRegex(operand, options ?? '');
}
