import { expect, it } from 'vitest';
import { inWords, median, quantile } from './figures.js';

it.each([
  [0.4242, '0.42 ms'],
  [12.34, '12.3 ms'],
  [187.4, '187 ms'],
  [1_274, '1.27 s'],
])('says %d ms as %s', (milliseconds, words) => {
  expect(inWords(milliseconds)).toBe(words);
});

it('orders by number before it takes a quantile', () => {
  expect(median([100, 9, 20])).toBe(20);
  expect(quantile([100, 9, 20], 0.99)).toBe(100);
  expect(median([])).toBeNaN();
});
