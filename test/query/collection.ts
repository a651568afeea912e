import fc from 'fast-check';
import { NOW } from './sample.js';

/** A stored document of the sample resource. */
export type Row = Record<string, unknown> & { _id: string };

export const words = [
  '',
  'a',
  'Web',
  'web-1',
  'WEB-2',
  'agent',
  'AWS',
  'aws-east',
  'x.y',
  '(x)',
  '$where',
  'Ünï',
  '한글',
];
export const states = ['ENABLED', 'DISABLED', 'PENDING'];
export const numbers = [-3, -1, 0, 0.5, 1, 2, 2.5, 10];
/** Keys of maps; the last ones are none that a path can name. */
export const mapKeys = ['env', 'tier', 'constructor', 'k/8'];
export const literalKeys = ['app.io/name', '$set'];

const DAY_MS = 86_400_000;
export const days = [-40, -7, -3, -2, -1, -0.25, 0, 0.25, 1, 30];

export const word = fc.constantFrom(...words);
export const number = fc.constantFrom(...numbers);
export const nested = fc.constantFrom<Record<string, unknown>>({ $gt: '' }, { a: 1 }, { a: 'web-1' }, {});
const scalar = fc.oneof({ arbitrary: word, weight: 4 }, number, fc.boolean(), fc.constant(null));
const anything = fc.oneof({ arbitrary: scalar, weight: 4 }, nested, fc.array(scalar, { maxLength: 3 }));
const map = fc.dictionary(fc.constantFrom(...mapKeys, ...literalKeys), anything, { maxKeys: 4, noNullPrototype: true });
const plugin = fc.record(
  { id: word, state: fc.constantFrom(...states), n: number },
  { requiredKeys: ['id'], noNullPrototype: true },
);

/** When a row was made: so many days from now. */
export function dayFromNow(day: number): Date {
  return new Date(NOW.getTime() + day * DAY_MS);
}

const row = fc.record(
  {
    name: fc.option(word),
    hostname: word,
    state: fc.constantFrom(...states),
    is_public: fc.boolean(),
    priority: fc.option(number),
    labels: map,
    tags: map,
    endpoints: fc.array(word, { maxLength: 3 }),
    plugins: fc.array(plugin, { maxLength: 3 }),
    stats: fc.record({ restarts: number }),
    created_at: fc.constantFrom(...days).map(dayFromNow),
  },
  { requiredKeys: ['state', 'created_at'], noNullPrototype: true },
);

/** Rows of every shape that the schema lets be stored, the same at every run with this seed. */
export function collection(size: number, seed: number): Row[] {
  const id = (index: number) => `supervisor-${String(index).padStart(3, '0')}`;
  return fc.sample(row, { numRuns: size, seed }).map((fields, index) => ({ _id: id(index), ...fields }));
}
