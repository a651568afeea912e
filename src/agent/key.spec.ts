import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileStemOf } from './key.js';

it('leaves ordinary names readable', () => {
  expect(fileStemOf({ plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2' })).toBe(
    'plugin-aws-sns-mon-webhook@1.2.2',
  );
});

const anyKey = fc.record({ plugin_id: fc.string({ unit: 'binary' }), version: fc.string() });
const trickyKey = fc.record({
  plugin_id: fc.constantFrom('a', 'a@b', 'A', 'a_', 'a/', '..', '../../etc', '.', '', 'a\0', 'x'.repeat(300)),
  version: fc.constantFrom('b', 'b@c', 'c', '1.0.0', '/', '..', ''),
});

it.each([
  ['any', anyKey],
  ['tricky', trickyKey],
])('makes safe file names of %s names, and different ones of different names', (_, key) => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      const stem = fileStemOf(one);
      expect(stem).toMatch(/^[\w@+-][\w.@+-]*$/);
      expect(Buffer.byteLength(stem)).toBeLessThanOrEqual(200);
      const same = one.plugin_id === other.plugin_id && one.version === other.version;
      // Some file systems do not tell small letters from capitals.
      expect(stem.toLowerCase() === fileStemOf(other).toLowerCase()).toBe(same);
    }),
    { numRuns: 500 },
  );
});
