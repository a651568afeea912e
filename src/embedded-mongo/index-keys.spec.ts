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
const step = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.option(doc, { nil: undefined }));

it('an index that is made late has what one has that was kept from the beginning', () => {
  const property = fc.property(fc.constantFrom(...specs), fc.array(step, { maxLength: 60 }), (spec, steps) => {
    const docs = new Map<string, Stored>();
    const [kept, late] = [new Index(spec, docs), new Index(spec, docs)];
    expect(kept.keys.size).toBe(0);
    for (const [number, next] of steps) {
      const id = orderKey(number);
      kept.replace(id, docs.get(id)?.doc, next);
      if (next === undefined) docs.delete(id);
      else docs.set(id, new Stored(id, encode({ _id: number, ...next })));
    }
    expect(late.inUse).toBe(false);
    expect([...late.keys.range('', '\uffff')]).toEqual([...kept.keys.range('', '\uffff')]);
    expect(late.keys.size).toBe(kept.keys.size);
    const several = [...docs.values()].some((stored) => late.keysOf(stored.doc).length > 1);
    expect(late.multikey).toBe(several);
  });
  fc.assert(property, { numRuns: 500 });
});
