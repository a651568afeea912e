import { readFileSync } from 'node:fs';

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8'));

interface TableEntry {
  readonly text: string;
  readonly class: 'final' | 'dated' | 'pre-release';
  readonly notation: 'pep440' | 'semver';
  /** The entry before is the same version. */
  readonly same?: boolean;
}

/** Versions, oldest first, and texts that are none. */
export const versionTable = read('version-table.json') as {
  readonly versions: readonly TableEntry[];
  readonly none: readonly string[];
};

/** The tags of real plugins, newest first, and the newest that is final. */
export const realPlugins = Object.entries(
  (read('plugin-tags.json') as { plugins: Record<string, { newest_final: string; newest_first: string }> }).plugins,
).map(([name, { newest_final, newest_first }]) => ({
  name,
  newestFirst: newest_first.split(' '),
  newestFinal: newest_final,
}));

/** Tags as people write them, newest first, what is no version last, and the one that is taken where none is named. */
export const shapes: readonly {
  readonly shape: string;
  readonly newestFirst: readonly string[];
  readonly none: readonly string[];
  readonly taken: string | undefined;
}[] = [
  { shape: 'four parts', newestFirst: ['1.10.4.1', '1.10.4', '1.9.7.12'], none: ['latest'], taken: '1.10.4.1' },
  {
    shape: 'five parts that end in a time',
    newestFirst: ['0.4.1.20220609.122832', '0.4.1.20220609.082832', '0.4.1', '0.4.0.20220701.000000'],
    none: ['edge'],
    taken: '0.4.1.20220609.122832',
  },
  {
    shape: 'builds of a version',
    newestFirst: ['3.14.1-202508210758', '3.14.1-202508200101', '3.14.1', '3.14.0-202508300000'],
    none: ['main'],
    taken: '3.14.1-202508210758',
  },
  {
    shape: 'pre-releases of both notations',
    newestFirst: ['2.0rc1.dev3', '2.0.0-next.3', '2.0.0-alpha.beta', 'v2.0-dev1', '1.9.post1', '1.9'],
    none: [],
    taken: '1.9.post1',
  },
  {
    shape: 'days beside numbers',
    newestFirst: ['202508210758', '20250821', '2025.08.21', '1.4.2', '1.4.2-rc1'],
    none: ['nightly'],
    taken: '1.4.2',
  },
  { shape: 'days alone', newestFirst: ['20250821.1', '20250821', '20250820'], none: ['latest'], taken: '20250821.1' },
  {
    shape: 'days beside pre-releases',
    newestFirst: ['20250821', '1.0.0-rc.1', 'v1.0-dev3'],
    none: [],
    taken: '20250821',
  },
  {
    shape: 'years that are numbers',
    newestFirst: ['20251102', '2025.10.12', '2025.10.0', '2025.9.30', '1.9.0'],
    none: [],
    taken: '2025.10.12',
  },
  {
    shape: 'years and months, with and without zeros',
    newestFirst: ['2024.10', '2024.9', '2024.08', '2023.12'],
    none: [],
    taken: '2024.10',
  },
  { shape: 'dates that begin with a year', newestFirst: ['2025.8.21', '2025', '1.4.0'], none: [], taken: '1.4.0' },
  { shape: 'seconds and builds', newestFirst: ['1755763080', '412345', '1.0.1', '1.0.0'], none: [], taken: '1.0.1' },
  { shape: 'pre-releases alone', newestFirst: ['v1.0-rc0', 'v1.0-dev10', 'v1.0-dev9'], none: [], taken: 'v1.0-rc0' },
  {
    shape: 'days and numbers of pre-releases',
    newestFirst: ['20250821rc1', '0.2.0a1', '0.1.0.dev5'],
    none: [],
    taken: '0.2.0a1',
  },
  {
    shape: 'tags that move, beside those that do not',
    newestFirst: ['1.2.3', 'v1.2.0', '1.2', 'v1.2', '1.1.9', '1.0.0', '1'],
    none: ['latest', 'stable'],
    taken: '1.2.3',
  },
  { shape: 'one version by several names', newestFirst: ['1.2.0', 'v1.2.0', '1.2', 'v1.2'], none: [], taken: '1.2.0' },
  { shape: 'leading zeros', newestFirst: ['1.10.01', '1.09.30', '01.09.02', '1.8'], none: [], taken: '1.10.01' },
  {
    shape: 'kinds of an image',
    newestFirst: ['1.4.0', '1.4.0-slim', '1.4.0-debian-12-r5', '1.4.0-alpine', '1.3.0-r2', '1.3.0'],
    none: ['3.12-slim', 'alpine'],
    taken: '1.4.0',
  },
  {
    shape: 'commits and signatures',
    newestFirst: ['1234567', '0.3.0', '0.2.0'],
    none: [
      '1234a56',
      '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d',
      'sha-4f53cda',
      'sha256-4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945.sig',
    ],
    taken: '0.3.0',
  },
  { shape: 'nothing that is a version', newestFirst: [], none: ['latest', 'main', 'sha-4f53cda'], taken: undefined },
];
