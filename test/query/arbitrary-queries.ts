import fc from 'fast-check';
import { dayFromNow, days, literalKeys, mapKeys, nested, number, states, word, words } from './collection.js';
import type { Condition } from './oracle.js';

const texts = ['supervisor_id', 'name', 'hostname', 'state', 'endpoints', 'plugins.id', 'labels.env', 'tags.k/8'];
const numeric = ['priority', 'restarts', 'plugins.n'];
const entries = mapKeys.flatMap((key) => [`labels.${key}`, `tags.${key}`]);
const every = [...texts, ...numeric, ...entries, 'is_public', 'created_at', 'labels', 'endpoints', 'plugins'];
const orders = ['lt', 'lte', 'gt', 'gte'];

const text = fc.oneof(word, fc.constantFrom('w', 'E', '-', '.', 'supervisor-00', ...states));
const pattern = fc.constantFrom(
  '^w',
  'web',
  '^(?:web|aws)',
  '-\\d$',
  '[A-Z]{2}',
  '.*s.*t',
  '^$',
  'ENABLED|x',
  '\\$w',
  'Ü',
);
const date = fc.constantFrom(...days).map((day) => dayFromNow(day).toISOString());
const timediff = fc.constantFrom('now', 'now/d', 'now-3d', 'now+1d', 'now/d+12h', 'now-1w', 'now-36h', 'now/d-2d');
const data = fc.oneof(text, number, fc.boolean(), nested);

/** Conditions that belong together: on any of the fields, with any of the operators. */
interface Family {
  readonly fields: readonly string[];
  readonly operators: readonly string[];
  readonly value: fc.Arbitrary<unknown>;
}

function family(fields: readonly string[], operators: readonly string[], value: fc.Arbitrary<unknown>): Family {
  return { fields, operators, value };
}

function conditionOf({ fields, operators, value }: Family): fc.Arbitrary<Condition> {
  return fc.record({ k: fc.constantFrom(...fields), v: value, o: fc.constantFrom(...operators) });
}

function several(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.array(value, { maxLength: 4 });
}

/** A path through a list of maps has its own notion of null, which no caller asks for. */
const plain = (fields: readonly string[]): string[] => fields.filter((name) => !name.startsWith('plugins.'));
const orNull = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.option(value, { freq: 8 });

/** Every operator, with values that it takes. */
const families: readonly Family[] = [
  family(plain(texts), ['eq', 'not'], orNull(text)),
  family(texts, ['eq', 'not'], text),
  family(texts, ['in', 'not_in'], several(text)),
  family(numeric, ['eq', 'not', ...orders], number),
  family(numeric, ['in', 'not_in'], several(number)),
  family(entries, ['eq', 'not'], orNull(data)),
  family(entries, ['in', 'not_in'], several(orNull(data))),
  family([...texts, ...entries], orders, text),
  family(entries, orders, number),
  family(['is_public'], ['eq', 'not'], orNull(fc.boolean())),
  family(['labels'], ['eq', 'not'], nested),
  family(every, ['exists'], fc.boolean()),
  family([...texts, ...entries], ['contain', 'not_contain'], text),
  family([...texts, ...entries], ['contain_in', 'not_contain_in'], several(text)),
  family([...texts, ...entries], ['regex'], pattern),
  family([...texts, ...entries], ['regex_in'], several(pattern)),
  family(
    ['labels', 'tags'],
    ['match'],
    fc.dictionary(fc.constantFrom(...mapKeys, ...literalKeys), orNull(data), { maxKeys: 2, noNullPrototype: true }),
  ),
  family(
    ['plugins'],
    ['match'],
    fc.record({ id: word, state: fc.constantFrom(...states) }, { requiredKeys: [], noNullPrototype: true }),
  ),
  family(['created_at'], ['eq', 'not', ...orders, ...orders.map((order) => `datetime_${order}`)], date),
  family(
    ['created_at'],
    orders.map((order) => `timediff_${order}`),
    timediff,
  ),
];

/** Conditions that are well formed. */
export const anyCondition: fc.Arbitrary<Condition> = fc.oneof(...families.map(conditionOf));

/** Conditions that are well formed, with this operator. */
export function anyConditionWith(operator: string): fc.Arbitrary<Condition> {
  const having = families.filter(({ operators }) => operators.includes(operator));
  return fc.oneof(...having.map((each) => conditionOf({ ...each, operators: [operator] })));
}

const sortKey = fc.record({
  key: fc.constantFrom('name', 'state', 'priority', 'is_public', 'created_at', 'restarts', 'supervisor_id'),
  desc: fc.boolean(),
});

/** List queries that are well formed. */
export const anyQuery = fc.record(
  {
    filter: fc.array(anyCondition, { maxLength: 3 }),
    filter_or: fc.array(anyCondition, { maxLength: 3 }),
    keyword: fc
      .array(fc.constantFrom(...words.filter(Boolean), '00', '07'), { maxLength: 2 })
      .map((all) => all.join(' ')),
    sort: fc.array(sortKey, { minLength: 1, maxLength: 3 }),
    page: fc.record({ start: fc.integer({ min: 0, max: 30 }), limit: fc.integer({ min: 1, max: 20 }) }),
  },
  { requiredKeys: ['sort'] },
);
