import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, it } from 'vitest';
import { byPreference, classOf, compareVersions, newestFirst, parseVersion, type Version } from './index.js';
import { compareNewest } from './newest-first.js';
import { readPep440 } from './pep440.js';

const number = fc.oneof(
  fc.nat({ max: 12 }).map(String),
  fc.constantFrom('00', '007', '20250821', '202508210758', '99999999999999999998', '99999999999999999999'),
);
const separator = fc.constantFrom('', '.', '-', '_');
const maybe = (part: fc.Arbitrary<string>) => fc.oneof({ weight: 2, arbitrary: fc.constant('') }, part);
const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((texts) => texts.join(''));
const list = (item: fc.Arbitrary<string>, between: string, minLength: number, maxLength: number) =>
  fc.array(item, { minLength, maxLength }).map((items) => items.join(between));

const label = fc.constantFrom('a', 'alpha', 'b', 'beta', 'c', 'rc', 'RC', 'pre', 'preview');
const pep440 = joined(
  fc.constantFrom('', '', 'v', 'V', '1!'),
  list(number, '.', 1, 5),
  maybe(joined(separator, label, separator, maybe(number))),
  maybe(joined(separator, fc.constantFrom('post', 'rev', 'r'), separator, maybe(number))),
  maybe(joined(separator, fc.constant('dev'), separator, maybe(number))),
  maybe(joined(fc.constant('+'), list(fc.constantFrom('abc', 'ABC', '1', '01', '1e5', '0x1f'), '.', 1, 3))),
);
const identifier = fc.oneof(
  fc.constantFrom('0', '3', '12', 'alpha', 'beta', 'rc', 'rc1', 'next', 'SNAPSHOT', 'dev', '1a', 'x-y', '--'),
  fc.stringMatching(/^[a-z-][\da-z-]{0,4}$/),
);
const semantic = joined(
  fc.constantFrom('1.0.0', '1.0.1', 'v1.0.0'),
  maybe(joined(fc.constant('-'), list(identifier, '.', 1, 4))),
  maybe(joined(fc.constant('+'), list(identifier, '.', 1, 2))),
);
const version = fc
  .oneof(pep440, semantic)
  .map(parseVersion)
  .filter((parsed): parsed is Version => parsed !== undefined);
const anything = fc.oneof(fc.string(), fc.stringMatching(/^[\d.a-z_+!-]{0,20}$/), pep440, semantic);

/** What holds for a total order: by it each list has one order, whatever its order was. */
describe.each([
  ['newest first', compareNewest],
  ['by version alone', compareVersions],
])('the order %s', (_, compare) => {
  const sign = (a: Version, b: Version) => Math.sign(compare(a, b));

  it('is the other way round for the other two', () => {
    fc.assert(fc.property(version, version, (a, b) => sign(a, b) + sign(b, a) === 0));
  });

  it('goes on from one pair to the next', () => {
    const chain = fc.tuple(version, version, version).map((three) => three.sort(compare));
    fc.assert(
      fc.property(chain, ([a, b, c]) => {
        expect(sign(a, b)).toBeLessThanOrEqual(0);
        expect(sign(b, c)).toBeLessThanOrEqual(0);
        expect(sign(a, c)).toBe(Math.min(sign(a, b), sign(b, c)));
      }),
      { numRuns: 500 },
    );
  });
});

it('knows no two texts that come in the same place', () => {
  fc.assert(fc.property(version, version, (a, b) => (compareNewest(a, b) === 0) === (a.text === b.text)));
});

it('gives one list for all orders of the same tags, with each tag as it is written', () => {
  const tags = fc.uniqueArray(anything, { maxLength: 12 });
  const shuffled = tags.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      const order = newestFirst(one, (tag) => tag);
      expect(newestFirst(other, (tag) => tag)).toEqual(order);
      expect(order.toSorted()).toEqual(one.toSorted());
      expect(byPreference(other)).toEqual(byPreference(one));
      expect(byPreference(one).toSorted()).toEqual(one.filter((tag) => parseVersion(tag)).toSorted());
    }),
  );
});

it('prefers no pre-release to a final release, whatever there is', () => {
  fc.assert(
    fc.property(fc.array(version), (versions) => {
      const isPre = versions.map((each) => classOf(each) === 'pre-release');
      const [first] = byPreference(versions.map(({ text }) => text));
      expect(first === undefined).toBe(versions.length === 0);
      if (first === undefined) return;
      expect(classOf(parseVersion(first) as Version) === 'pre-release').toBe(isPre.every(Boolean));
    }),
  );
});

it('reads whatever it is given, however long', () => {
  fc.assert(fc.property(anything, (text) => [undefined, text].includes(parseVersion(text)?.text)));
  for (const part of ['1', '1.', '1-', 'a1', '-a.', '1.0.0-a.', '1.0.0-0', '+a.', '-', '1!']) {
    expect(() => parseVersion(part.repeat(50_000))).not.toThrow();
  }
});

describe('semver', () => {
  it('is read where its own library reads it', () => {
    fc.assert(
      fc.property(fc.oneof(semantic, anything), (text) => {
        // Its library lets more through: blanks and an equals sign.
        fc.pre(/^[v\d]/i.test(text) && text === text.trim());
        return semver.parse(text.toLowerCase()) === null || parseVersion(text) !== undefined;
      }),
      { numRuns: 500 },
    );
  });

  it('has its own order where PEP 440 reads neither, and no stage of development', () => {
    // Labels that both notations know, in the spelling that is the same in both.
    const shared = fc.oneof(
      fc.constantFrom('0', '3', '12', 'alpha', 'beta', 'rc', 'next', 'snapshot', '1a', 'x-y', '--'),
      fc.stringMatching(/^q[\da-z-]{0,4}$/),
    );
    const alone = joined(fc.constantFrom('1.0.0-', '1.0.1-'), list(shared, '.', 1, 4)).filter(
      (text) => readPep440(text) === undefined,
    );
    fc.assert(
      fc.property(alone, alone, (a, b) => {
        const own = Math.sign(compareVersions(parseVersion(a) as Version, parseVersion(b) as Version));
        expect(own).toBe(semver.compare(a, b));
      }),
    );
  });

  it('has the order of its specification', () => {
    const example = ['alpha', 'alpha.1', 'alpha.beta', 'beta', 'beta.2', 'beta.11', 'rc.1'].map(
      (pre) => `1.0.0-${pre}`,
    );
    expect(newestFirst(example.toSorted(), (text) => text)).toEqual(['1.0.0', ...example.reverse()].slice(1));
  });
});
