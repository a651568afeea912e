import fc from 'fast-check';
import { expect, it } from 'vitest';
import { codeUnits, CUT, keepEnd, keepEnds, percentEncodedBytes, sizeOf, utf8Bytes } from './clip.js';

const scripts = {
  ascii: 'Traceback (most recent call last): 100% "quoted"\n',
  korean: '설정 파일을 읽을 수 없습니다\n',
  arabic: 'لا يمكن قراءة الملف',
  emoji: '💥🇰🇷👩‍👩‍👧',
  combining: 'e\u0301a\u0308',
  control: '\u0000\u001b[31m\u007f',
};
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
/** Half of a surrogate pair, without the other. */
const half = /\p{Surrogate}/u;
const measures = { codeUnits, utf8Bytes, percentEncodedBytes };

it.each(Object.entries(scripts))('counts what %s takes up as it is encoded', (_, text) => {
  expect(sizeOf(text, percentEncodedBytes)).toBe(encodeURI(text).length);
  expect(sizeOf(text, utf8Bytes)).toBe(Buffer.byteLength(text));
  expect(sizeOf(text, codeUnits)).toBe(text.length);
});

it.each(Object.entries(scripts))('keeps as much of the end of %s as there is room for', (_, text) => {
  const long = text.repeat(5_000);
  for (const measure of Object.values(measures)) {
    const kept = keepEnd(long, 1_000, measure);
    expect(kept.startsWith(CUT)).toBe(true);
    expect(long.endsWith(kept.slice(CUT.length))).toBe(true);
    expect(sizeOf(kept, measure)).toBeLessThanOrEqual(1_000);
    expect(sizeOf(kept, measure)).toBeGreaterThan(1_000 - 12);
    expect(kept).not.toMatch(half);
  }
});

it('keeps what fits as it is, and never cuts a code point in two', () => {
  fc.assert(
    fc.property(
      anyText,
      fc.integer({ min: 20, max: 400 }),
      fc.constantFrom(...Object.values(measures)),
      (text, limit, measure) => {
        const [end, ends] = [keepEnd(text, limit, measure), keepEnds(text, limit, measure)];
        if (sizeOf(text, measure) <= limit) {
          expect([end, ends]).toEqual([text, text]);
          return;
        }
        expect(text.endsWith(end.slice(CUT.length))).toBe(true);
        const at = ends.indexOf(CUT);
        expect(text.startsWith(ends.slice(0, at))).toBe(true);
        expect(text.endsWith(ends.slice(at + CUT.length))).toBe(true);
        for (const kept of [end, ends]) {
          expect(sizeOf(kept, measure)).toBeLessThanOrEqual(limit);
          if (!half.test(text)) expect(kept).not.toMatch(half);
        }
      },
    ),
  );
});
