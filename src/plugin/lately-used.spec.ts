import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LatelyUsed } from './lately-used.js';

const make = (max: number) => {
  const evicted: string[] = [];
  const map = new LatelyUsed<{ key: string; used: boolean }>(max, ({ key }) => evicted.push(key));
  const set = (key: string) => map.set(key, { key, used: false });
  return { map, set, evicted, keys: () => [...map.values()].map(({ key }) => key) };
};

it('takes out what was not used since the hand came by, and nothing else', () => {
  const { map, set, evicted, keys } = make(3);
  for (const key of ['a', 'b', 'c']) set(key);
  map.use('a');
  map.peek('b');
  set('d');
  expect(evicted).toEqual(['b']);
  map.use('c');
  set('e');
  // The hand has come by `c` and `d`, which has not been used.
  expect(evicted).toEqual(['b', 'd']);
  set('f');
  // It has come to the newest, and begins anew.
  expect(evicted).toEqual(['b', 'd', 'a']);
  expect(keys()).toEqual(['c', 'e', 'f']);
});

it('keeps what is new where everything else is used', () => {
  const { map, set, keys } = make(2);
  for (const key of ['a', 'b', 'c', 'd', 'e']) {
    set(key);
    map.use(key);
    expect(map.peek(key)).toBeDefined();
  }
  expect(keys()).toEqual(['d', 'e']);
});

it('holds what was set, up to its size, whatever is done', () => {
  const step = fc.tuple(fc.constantFrom('use', 'set', 'delete', 'clear'), fc.constantFrom(...'abcdefgh'));
  const property = fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 200 }), (max, steps) => {
    const { map, set, evicted, keys } = make(max);
    const held = new Set<string>();
    for (const [what, key] of steps) {
      if (what === 'use') expect(map.use(key) !== undefined).toBe(held.has(key));
      if (what === 'set') {
        set(key);
        held.add(key);
      }
      if (what === 'delete') {
        map.delete(key);
        held.delete(key);
      }
      if (what === 'clear') {
        map.clear();
        held.clear();
      }
      for (const gone of evicted.splice(0)) expect(held.delete(gone)).toBe(true);
      expect(keys().sort()).toEqual([...held].sort());
      expect(held.size).toBeLessThanOrEqual(max);
    }
  });
  fc.assert(property, { numRuns: 300 });
});
