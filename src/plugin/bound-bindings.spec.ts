import { expect, it } from 'vitest';
import { BoundBindings } from './bound-bindings.js';

const all = (bound: BoundBindings, instance = 'i') => {
  const found = bound.of(instance);
  return found && [...found];
};

it('keeps one, several, and none', () => {
  const bound = new BoundBindings();
  expect(all(bound)).toBeUndefined();
  bound.add('i', 'a');
  bound.add('i', 'a');
  expect(all(bound)).toEqual(['a']);
  bound.add('i', 'b');
  bound.add('i', 'c');
  bound.add('other', 'a');
  expect(all(bound)).toEqual(['a', 'b', 'c']);
  expect(bound.delete('i', 'a')).toBe(false);
  expect(bound.delete('i', 'unknown')).toBe(false);
  expect(bound.delete('i', 'c')).toBe(false);
  expect(bound.delete('i', 'b')).toBe(true);
  expect(all(bound)).toBeUndefined();
  expect(bound.delete('i', 'b')).toBe(false);
  expect(bound.delete('other', 'b')).toBe(false);
  expect(all(bound, 'other')).toEqual(['a']);
  expect(bound.delete('other', 'a')).toBe(true);
  bound.add('i', 'a');
  bound.clear();
  expect(all(bound)).toBeUndefined();
});
