import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedKeys } from './sorted-keys.js';

describe('sorted keys', () => {
  it('hold what a plain sorted list would hold', () => {
    const step = fc.record({
      add: fc.boolean(),
      key: fc.integer({ min: 0, max: 400 }),
      id: fc.integer({ min: 0, max: 5 }),
    });
    const property = fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
      const model = new Set<string>();
      const keys = new SortedKeys();
      for (const { add, key, id } of steps) {
        const name = `${String(key).padStart(4, '0')}/${id}`;
        const [k = '', i = ''] = name.split('/');
        if (add) keys.add(k, i);
        else keys.remove(k, i);
        if (add) model.add(name);
        else model.delete(name);
      }
      const expected = [...model].toSorted();
      expect([...keys.range('', '\uffff')]).toEqual(expected.map((name) => name.slice(5)));
      expect([...keys.range('0100', '0200')]).toEqual(
        expected.filter((name) => name >= '0100' && name < '0200').map((name) => name.slice(5)),
      );
      expect(keys.idsOf('0007')).toEqual(
        expected.filter((name) => name.startsWith('0007')).map((name) => name.slice(5)),
      );
      expect(keys.size).toBe(model.size);
    });
    fc.assert(property, { numRuns: 60 });
  });
});
