import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encode } from './codec.js';
import { Index } from './index-keys.js';
import { orderKey } from './order.js';
import { Stored } from './stored.js';
import type { Doc } from './values.js';

const specs: Doc[] = [
  { key: { a: 1 } },
  { key: { a: 1, b: 1 } },
  { key: { a: 1 }, sparse: true },
  { key: { b: 1 }, partialFilterExpression: { a: 1 } },
];
const value = fc.constantFrom(1, 2, 'x', null, [1, 2], []);
const doc = fc.record({ a: value, b: fc.constantFrom(1, 2, 'x') }, { requiredKeys: [] });
const step = fc.tuple(
  fc.integer({ min: 0, max: 9 }),
  fc.option(doc, { nil: undefined }),
  fc.integer({ min: -9, max: 2 }),
);

it('an index that is made late, or bit by bit, has what one has that was kept from the beginning', () => {
  const property = fc.property(fc.constantFrom(...specs), fc.array(step, { maxLength: 60 }), (spec, steps) => {
    const docs = new Map<string, Stored>();
    const [kept, late, slow] = [new Index(spec, docs), new Index(spec, docs), new Index(spec, docs)];
    expect(kept.keys.size).toBe(0);
    for (const [number, next, made] of steps) {
      const id = orderKey(number);
      for (const index of [kept, late, slow]) index.replace(id, docs.get(id)?.doc, next);
      if (next === undefined) docs.delete(id);
      else docs.set(id, new Stored(id, encode({ _id: number, ...next })));
      if (made > 0) slow.make(made);
    }
    expect(late.inUse).toBe(false);
    for (const index of [late, slow]) {
      expect([...index.keys.range('', '\uffff')]).toEqual([...kept.keys.range('', '\uffff')]);
      expect(index.keys.size).toBe(kept.keys.size);
    }
    const several = [...docs.values()].some((stored) => late.keysOf(stored.doc).length > 1);
    expect(late.multikey).toBe(several);
    expect([true, several]).toContain(slow.multikey);
  });
  fc.assert(property, { numRuns: 500 });
});
