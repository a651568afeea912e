import { expect, it } from 'vitest';
import { atMost } from './at-most.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it.each([0, 1, 3, 4, 5, 100])('runs the task once for each of %i items, four at a time', async (count) => {
  const items = Array.from({ length: count }, (_, item) => item);
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await atMost(4, items, async (item) => {
    most = Math.max(most, ++running);
    await turn();
    running--;
    done.push(item);
  });
  expect(done.sort((a, b) => a - b)).toEqual(items);
  expect(most).toBe(Math.min(4, count));
});

it('throws what a task throws', async () => {
  const task = (item: number) => (item === 3 ? Promise.reject(new Error('three')) : turn());
  await expect(atMost(2, [1, 2, 3, 4], task)).rejects.toThrow('three');
});
