import { expect, it } from 'vitest';
import { BoundInstances } from './bound-instances.js';

const all = (instances: BoundInstances, id = 'i') => {
  const found = instances.get(id);
  return found && [...found.bindingIds];
};

it('are named by one binding, by several, and by none', () => {
  const instances = new BoundInstances();
  expect(all(instances)).toBeUndefined();
  const instance = instances.bind('i', 'a');
  expect(instances.bind('i', 'a')).toBe(instance);
  expect(all(instances)).toEqual(['a']);
  expect(instances.bind('i', 'b')).toBe(instance);
  instances.bind('i', 'c');
  instances.bind('other', 'a');
  expect(all(instances)).toEqual(['a', 'b', 'c']);
  instances.unbind('i', 'a');
  instances.unbind('i', 'unknown');
  instances.unbind('i', 'c');
  expect(all(instances)).toEqual(['b']);
  instances.unbind('i', 'b');
  expect(all(instances)).toBeUndefined();
  instances.unbind('i', 'b');
  instances.unbind('other', 'b');
  expect(all(instances, 'other')).toEqual(['a']);
  instances.unbind('other', 'a');
  expect(all(instances, 'other')).toBeUndefined();
  instances.bind('i', 'a');
  instances.clear();
  expect(all(instances)).toBeUndefined();
});
