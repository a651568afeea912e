import { describe, expect, it } from 'vitest';
import { compareVersions, classOf, newestFirst, parseVersion, type Version } from './index.js';
import { compareNewest } from './newest-first.js';
import { readPep440 } from './pep440.js';
import { versionTable } from './tags.fixture.js';

const { versions, none } = versionTable;
const read = (text: string): Version => {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`${text} is not read as a version`);
  return version;
};

it('has enough of them', () => {
  expect(versions.length).toBeGreaterThan(120);
  expect(new Set(versions.map(({ text }) => text)).size).toBe(versions.length);
});

it.each(versions)('reads $text by $notation, as $class', ({ text, notation, class: expected }) => {
  const version = read(text);
  expect(version.text).toBe(text);
  expect(classOf(version)).toBe(expected);
  expect(readPep440(text) === undefined).toBe(notation === 'semver');
});

it.each(none)('reads no version in %j', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

describe('the order', () => {
  const parsed = versions.map(({ text }) => read(text));
  /** The place of each among those that differ. */
  const rank: number[] = [];
  for (const { same } of versions) rank.push((rank.at(-1) ?? 0) + (same === true ? 0 : 1));

  it('is that of the table for every pair', () => {
    const wrong = parsed.flatMap((a, i) =>
      parsed.flatMap((b, j) => {
        const expected = Math.sign((rank[i] as number) - (rank[j] as number));
        const found = Math.sign(compareVersions(a, b));
        return found === expected ? [] : [`${a.text} against ${b.text}: ${found}, not ${expected}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('says which of the same versions comes first, for every pair', () => {
    const wrong = parsed.flatMap((a, i) =>
      parsed.flatMap((b, j) =>
        Math.sign(compareNewest(a, b)) === Math.sign(j - i) ? [] : [`${a.text} against ${b.text}`],
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('puts a list in it whatever its order was, what is no version last', () => {
    const expected = [...versions.map(({ text }) => text).reverse(), ...none.toSorted()];
    const byCharacters = expected.toSorted();
    expect(newestFirst(byCharacters, (text) => text)).toEqual(expected);
    expect(newestFirst(byCharacters.reverse(), (text) => text)).toEqual(expected);
  });
});
