import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InstanceReport_Phase as Phase } from '../generated/berth/link/v1/link.js';
import { CUT } from '../common/text/clip.js';
import { outputEnd, withFittingOutputs } from './output-end.js';

it('keeps an output that fits', () => expect(outputEnd(Buffer.from('one\ntwo\n'), 8)).toBe('one\ntwo'));

it('keeps whole lines of the end, and marks where it cut', () => {
  const output = Buffer.from('하나\n둘\n셋\n'.repeat(9_999));
  const kept = outputEnd(output, 100);
  expect(kept).toMatch(/^\[…\]\n(하나|둘|셋)\n.*셋$/s);
  expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(100);
});

it('marks what was cut before it came here', () => {
  expect(outputEnd(Buffer.from('wo\nthree'), 100, true)).toBe('[…]\nthree');
  expect(outputEnd(Buffer.from('three'), 100, true)).toBe('[…]three');
});

it('cuts between characters, whatever it is cut from', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 20, max: 200 }), (text, limit) => {
      const kept = outputEnd(Buffer.from(text), limit);
      expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(limit);
      if (kept.startsWith(CUT)) expect(text.trimEnd().endsWith(kept.slice(CUT.length))).toBe(true);
      else expect(kept).toBe(text.trimEnd());
    }),
  );
});

it('lets each instance tell its share where all outputs together are too much for one message', () => {
  const report = (plugin_id: string, output_tail?: string) => ({
    plugin_id,
    version: '1',
    phase: Phase.FAILED,
    output_tail,
  });
  const few = [report('a', 'x'.repeat(40)), report('b'), report('c', 'short')];
  expect(withFittingOutputs(few, 100)).toEqual(few);
  const [a, b, c] = withFittingOutputs(few, 44);
  expect(a?.output_tail).toBe(`${CUT}${'x'.repeat(17)}`);
  expect([b, c]).toEqual(few.slice(1));
  expect(withFittingOutputs(few, 12).map(({ output_tail }) => output_tail)).toEqual([undefined, undefined, undefined]);
});
