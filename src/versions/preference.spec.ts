import { describe, expect, it } from 'vitest';
import { alternativesTo, byPreference, newestFirst } from './index.js';
import { realPlugins, shapes } from './tags.fixture.js';

const ordered = (tags: Iterable<string>) => newestFirst(tags, (tag) => tag);

describe.each(realPlugins)('the tags of $name', ({ newestFirst: expected, newestFinal }) => {
  it.each([expected.toSorted(), expected.toReversed()])('are ordered as PEP 440 orders them', (...tags) => {
    expect(ordered(tags)).toEqual(expected);
  });

  it('have a newest final release', () => {
    expect(byPreference(expected.toSorted())[0]).toBe(newestFinal);
  });
});

describe.each(shapes)('$shape', ({ newestFirst: expected, none, taken }) => {
  const tags = [...none, ...expected].toSorted();

  it('are ordered', () => {
    expect(ordered(tags)).toEqual([...expected, ...none.toSorted()]);
  });

  it(`have ${taken} taken where none is named`, () => {
    expect(byPreference(tags)[0]).toBe(taken);
  });
});

it('prefers final releases, then dates, then pre-releases, the newest of each', () => {
  const tags = ['1.0-rc1', '20250821', '1.0', 'latest', '20250822rc1', '1.1', '20250820', '2025.08', '1.2.dev1'];
  expect(byPreference(tags)).toEqual([
    '1.1',
    '1.0',
    '20250821',
    '20250820',
    '2025.08',
    '1.2.dev1',
    '1.0-rc1',
    '20250822rc1',
  ]);
});

describe('what serves in place of a version', () => {
  const others = ['2.0-rc1', 'latest', '1.0', '1.1', '20250821'];

  it('is no pre-release where a final one is asked for', () => {
    expect(alternativesTo('1.2', others)).toEqual(['1.1', '1.0', '20250821']);
    expect(alternativesTo('20250822', others)).toEqual(['1.1', '1.0', '20250821']);
    expect(alternativesTo('latest', others)).toEqual(['1.1', '1.0', '20250821']);
  });

  it('may be one in place of a pre-release', () => {
    expect(alternativesTo('2.0-rc2', others)).toEqual(['1.1', '1.0', '20250821', '2.0-rc1']);
  });
});
