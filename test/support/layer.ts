import { inject } from 'vitest';

/**
 * How much a test does: `few` in `npm test`, where it has to find faults within seconds, `many` in `npm run test:all`.
 * A test that asks for it has the tag `sized`; one that runs only in `npm run test:all` has the tag `all`:
 *
 *     it('…', { tags: ['sized'] }, …)
 */
export function size(few: number, many: number): number {
  return inject('layer') === 'test' ? few : many;
}
