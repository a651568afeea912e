import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NOW, sampleFields } from '../../test/query/sample.js';
import { BerthError } from '../common/errors/berth-error.js';
import { compileQuery, compileStat, FILTER_OPERATORS } from './index.js';

const names = [
  ...sampleFields.scope.keys(),
  'labels.env',
  'labels.$where',
  '$where',
  '__proto__',
  'constructor',
  '',
  '_id',
];
const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }) as fc.Arbitrary<unknown>;
const text = fc.oneof(fc.constantFrom(...names), fc.string(), json);
const keys = fc.constantFrom(
  'key',
  'k',
  'value',
  'v',
  'operator',
  'o',
  'name',
  'n',
  'date_format',
  '$where',
  '__proto__',
);
const item = fc.oneof(
  fc.record({ k: text, v: json, o: fc.oneof(fc.constantFrom(...FILTER_OPERATORS), text) }, { requiredKeys: [] }),
  fc.dictionary(keys, text),
  json,
);
const items = fc.oneof(fc.array(item, { maxLength: 4 }), json);
const either = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(fc.oneof(arbitrary, json), { nil: undefined });
const page = fc.record({ start: either(fc.integer()), limit: either(fc.integer()) });
const unwind = fc.record({ path: text, filter: items }, { requiredKeys: [] });
const query = fc.record(
  {
    filter: items,
    filter_or: items,
    sort: either(fc.array(fc.record({ key: text, desc: either(fc.boolean()) }))),
    page: either(page),
    minimal: either(fc.boolean()),
    count_only: either(fc.boolean()),
    only: either(fc.array(text)),
    keyword: either(fc.string()),
    unwind: either(unwind),
    lookup: either(fc.array(json)),
    add_fields: json,
  },
  { requiredKeys: [] },
);
const stage = fc.record(
  {
    unwind: either(unwind),
    group: either(fc.record({ keys: items, fields: items }, { requiredKeys: [] })),
    count: either(fc.record({ name: text })),
    sort: either(items),
    project: either(fc.record({ fields: items, exclude_keys: json }, { requiredKeys: [] })),
    limit: either(fc.integer()),
    skip: either(fc.integer()),
  },
  { requiredKeys: [] },
);
const stat = fc.record(
  { filter: items, aggregate: either(fc.array(stage)), distinct: either(text), page: either(page) },
  { requiredKeys: [] },
);

/** Every key that stands where MongoDB looks for an operator or a path. */
function* operators(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  for (const [key, child] of Object.entries(value)) {
    yield key;
    const isData =
      ['$eq', '$ne', '$in', '$lt', '$lte', '$gt', '$gte', '$literal'].includes(key) && !Array.isArray(value);
    if (!isData || Array.isArray(child)) yield* operators(child);
  }
}

function check(compile: () => unknown): void {
  let compiled: unknown;
  try {
    compiled = compile();
  } catch (error) {
    expect(error).toBeInstanceOf(BerthError);
    expect((error as BerthError).code).toMatch(/^ERROR_(DB_QUERY|OPERATOR_|REQUIRED_PARAMETER|INVALID_PARAMETER)/);
    return;
  }
  for (const key of operators(compiled)) {
    expect(['$where', '$function', '$accumulator', '$out', '$merge', '$lookup']).not.toContain(key);
    expect(key).not.toContain('\0');
  }
}

it('whatever a list query is, it is compiled or refused', () => {
  fc.assert(
    fc.property(fc.oneof(query, json), (given) =>
      check(() => compileQuery(given as never, sampleFields, { now: NOW })),
    ),
    { numRuns: 3_000 },
  );
});

it('whatever a statistics query is, it is compiled or refused', () => {
  fc.assert(
    fc.property(fc.oneof(stat, json), (given) => check(() => compileStat(given as never, sampleFields, { now: NOW }))),
    { numRuns: 3_000 },
  );
});

it('leaves the query as it was', () => {
  fc.assert(
    fc.property(query, (given) => {
      const before = structuredClone(given);
      check(() => compileQuery(given as never, sampleFields, { now: NOW }));
      expect(given).toEqual(before);
    }),
  );
});
