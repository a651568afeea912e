import { skipClass, skipEscape } from './regex-atoms.js';
import { RegexError } from './regex-error.js';

/** What a repetition without limit counts as: the longest text that it is likely to meet. */
const UNBOUNDED = 256;
const MAX_REPEAT = 100;
const QUANTIFIER = /[*+?]|\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/y;
const FLAGS = /\?(?:[ims]+(?:-[ims]+)?|-[ims]+)?([:)])/y;

/**
 * In how many ways a backtracking engine can match a pattern at one position of a text, in the worst case.
 *
 * Reads the part of the syntax that RE2 and PCRE2 agree upon.
 *
 * @throws RegexError outside that part, and for a repetition without limit of what matches in several ways: there the
 * number would grow exponentially with the text
 */
export function waysToMatch(pattern: string): number {
  const reader = new Reader(pattern);
  const ways = reader.alternation();
  if (!reader.done) throw new RegexError('unbalanced )');
  return ways;
}

class Reader {
  private at = 0;

  constructor(private readonly pattern: string) {}

  get done(): boolean {
    return this.at >= this.pattern.length;
  }

  alternation(): number {
    let ways = this.sequence();
    while (this.eat('|')) ways += this.sequence();
    return ways;
  }

  private sequence(): number {
    let ways = 1;
    while (!this.done && !'|)'.includes(this.next)) ways *= this.repeated();
    return ways;
  }

  private repeated(): number {
    const start = this.at;
    const ways = this.atom();
    QUANTIFIER.lastIndex = this.at;
    const quantifier = QUANTIFIER.exec(this.pattern);
    if (quantifier === null) return ways;
    if (isPosition(this.pattern.slice(start, this.at))) throw new RegexError('a position cannot be repeated');
    this.at = QUANTIFIER.lastIndex;
    this.eat('?');
    const [least, most] = bounds(quantifier);
    return repeat(ways, least, most);
  }

  /** Reads one character, class, escape or group. */
  private atom(): number {
    switch (this.next) {
      case '(':
        return this.group();
      case '[':
        this.at = skipClass(this.pattern, this.at);
        return 1;
      case '\\':
        this.at = skipEscape(this.pattern, this.at, false);
        return 1;
      case '*':
      case '+':
      case '?':
        throw new RegexError(`nothing to repeat before ${this.next}`);
      case '{':
        throw new RegexError('write \\{ for a brace that is no repetition');
      default:
        this.at++;
        return 1;
    }
  }

  private group(): number {
    this.at++;
    if (this.next === '?') {
      FLAGS.lastIndex = this.at;
      const flags = FLAGS.exec(this.pattern);
      if (flags === null) throw new RegexError('only plain groups, (?:…) and the flags i, m, s are supported');
      this.at = FLAGS.lastIndex;
      if (flags[1] === ')') return 1;
    }
    const ways = this.alternation();
    if (!this.eat(')')) throw new RegexError('missing )');
    return ways;
  }

  private get next(): string {
    return this.pattern[this.at] ?? '';
  }

  private eat(character: string): boolean {
    if (this.next !== character) return false;
    this.at++;
    return true;
  }
}

/** An anchor or a flag group: what has no width, and what PCRE2 does not let be repeated. */
function isPosition(atom: string): boolean {
  return /^(?:[\^$]|\\[bBAz]|\(\?[ims-]*\))$/.test(atom);
}

function bounds([token, least, comma, most]: RegExpExecArray): [number, number] {
  if (token === '*') return [0, Infinity];
  if (token === '+') return [1, Infinity];
  if (token === '?') return [0, 1];
  const from = Number(least);
  const to = comma === undefined ? from : most === undefined ? Infinity : Number(most);
  if (from > MAX_REPEAT || (to !== Infinity && to > MAX_REPEAT)) {
    throw new RegexError(`a repetition must not be larger than ${MAX_REPEAT}`);
  }
  return [from, to];
}

function repeat(ways: number, least: number, most: number): number {
  if (most !== Infinity) {
    let total = 0;
    for (let times = least; times <= most; times++) total += ways ** times;
    return total;
  }
  if (ways > 1) throw new RegexError('a repetition without limit must not hold a choice or another repetition');
  return UNBOUNDED;
}
