import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { guardRegex, literalRegex } from './regex-guard.js';

const refused = expect.objectContaining({
  code: 'ERROR_DB_QUERY',
  message: expect.stringContaining('query.filter[0].v'),
});

describe('a regular expression that is accepted', () => {
  it.each([
    '',
    'abc',
    '^plugin-.*-webhook$',
    '^aws|^gcp',
    '(?:prod|stage)-[a-z0-9]+',
    'a{2,5}b+?c??',
    '[]a]+[^]b]*',
    '[[:alpha:]_][[:alnum:]_]*',
    '\\d{3}\\.\\d+',
    '\\bsup\\b',
    '(?i)abc',
    '(?s:a.b)',
    '\\p{Lu}\\pL',
    '\\x41\\x{1F600}',
    '[\\w.-]+@[\\w.-]+',
    '(ab)*c',
    '(a{3})+',
    '\\[x\\]\\{1\\}',
    '한글.*',
  ])('%s', (pattern) => expect(guardRegex(pattern, 'query.filter[0].v')).toBe(pattern));
});

describe('a regular expression that is refused', () => {
  it.each([
    ['(a+)+$', 'a repetition of a repetition'],
    ['(a*)*', 'a repetition of a repetition'],
    ['(a|a)*b', 'a repetition of a choice'],
    ['(a|aa)+$', 'a repetition of a choice'],
    ['((ab?)c)+', 'a repetition of something optional'],
    ['(a{1,2})+', 'a repetition of a varying repetition'],
    ['(.*){1,32}x', 'a large power of repetitions'],
    ['(a?){30}a{30}', 'many optional parts'],
    ['a?'.repeat(30), 'many optional parts'],
    ['.*.*.*.*x', 'four repetitions'],
    ['(x|y){40}', 'many choices'],
    ['a{1000}', 'a large repetition'],
    ['a{2,999}', 'a large repetition'],
    ['((a{99}){99}){99}', 'a large product of repetitions'],
    ['(?=a)b', 'look-ahead'],
    ['(?<!a)b', 'look-behind'],
    ['(a)\\1', 'a back-reference'],
    ['(?P<n>a)', 'a named group'],
    ['(?>a)', 'an atomic group'],
    ['(?#x)', 'a comment'],
    ['(?x)a b', 'a flag of PCRE2 alone'],
    ['(*UCP)a', 'a verb of PCRE2'],
    ['a++', 'a possessive repetition'],
    ['a{,5}', 'a brace that newer engines read otherwise'],
    ['{', 'a lone brace'],
    ['\\Qa+', 'quoting'],
    ['\\C', 'a single byte'],
    ['\\R', 'an escape of PCRE2 alone'],
    ['\\v', 'an escape that means two things'],
    ['\\x{D800}', 'no character'],
    ['\\x{110000}', 'beyond Unicode'],
    ['[z-a]', 'a range in the wrong order'],
    ['[a-\\d]', 'a range of classes'],
    ['[[:nope:]]', 'an unknown class'],
    ['[', 'an open class'],
    ['(', 'an open group'],
    [')', 'a closed group'],
    ['*a', 'nothing to repeat'],
    ['^*', 'a repeated position'],
    ['\\b+', 'a repeated position'],
    ['\\', 'a lone backslash'],
    ['a\0b', 'NUL'],
    ['x'.repeat(257), 'too long'],
    ['('.repeat(200), 'deep nesting'],
  ])('%j: %s', (pattern) => expect(() => guardRegex(pattern, 'query.filter[0].v')).toThrow(refused));
});

it('answers at once to the worst that is accepted or refused', () => {
  const worst = ['[^a]{99}'.repeat(30), '\\pL'.repeat(80), '(?:'.repeat(60) + 'a' + ')'.repeat(60), '(\\pL{31}){31}'];
  const started = performance.now();
  for (const pattern of worst) {
    try {
      guardRegex(pattern, 'k');
    } catch {
      // Being refused is as good.
    }
  }
  expect(performance.now() - started).toBeLessThan(1_000);
});

it('cannot be made to backtrack: what is accepted ends soon in an engine that does', () => {
  const texts = ['a'.repeat(255), `${'ab-'.repeat(85)}`, `${'a'.repeat(254)}!`];
  for (const pattern of ['^(?:a|b)a*a*a*c$', '^.*-.*-.*x$', 'a{0,64}a{0,64}c', '(ab-)*c']) {
    const expression = new RegExp(guardRegex(pattern, 'k'), 'i');
    const started = performance.now();
    for (const text of texts) expression.test(text);
    expect(performance.now() - started).toBeLessThan(2_000);
  }
});

describe('a literal text', () => {
  const printable = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code)).filter((c) => c !== '\0');

  it.each(['a.b', '[x]', '(a+)+', '$where', '^', 'a|b', '\\', '{1}', 'a/b-c', '"\'`', '\n', '한', '😀', 'a b'])(
    'finds %j and nothing else',
    (text) => {
      const pattern = RE2JS.compile(literalRegex(text, 'k'), RE2JS.CASE_INSENSITIVE);
      expect(pattern.test(`<${text}>`)).toBe(true);
      expect(pattern.test('<>')).toBe(false);
    },
  );

  it('escapes whatever has a meaning in a pattern', () => {
    for (const character of printable) {
      expect(RE2JS.compile(literalRegex(character, 'k')).matches(character)).toBe(true);
      expect(new RegExp(literalRegex(character, 'k')).test(character)).toBe(true);
    }
  });

  it.each(['a\0b', 'x'.repeat(257)])('refuses %j', (text) => {
    expect(() => literalRegex(text, 'query.filter[0].v')).toThrow(refused);
  });
});
