import { isDeepStrictEqual } from 'node:util';
import { NOW, sampleFields } from './sample.js';
import type { Row } from './collection.js';

/** A condition, as a caller writes it. */
export interface Condition {
  k: string;
  v: unknown;
  o: string;
}

/** What the oracle understands of a query. */
export interface Asked {
  filter?: Condition[];
  filter_or?: Condition[];
  keyword?: string;
}

/** Says what a query means, in plain words: without MongoDB, and without the compiler. */
export function passes(row: Row, { filter = [], filter_or = [], keyword = '' }: Asked): boolean {
  const wanted = keyword.split(/\s+/).filter(Boolean);
  const texts = ['supervisor_id', 'name', 'hostname'].flatMap((name) => seen(row, name));
  return (
    filter.every((condition) => holds(row, condition)) &&
    (filter_or.length === 0 || filter_or.some((condition) => holds(row, condition))) &&
    (wanted.length === 0 || wanted.some((word) => texts.some((text) => contains(text, word))))
  );
}

function holds(row: Row, { k, v, o }: Condition): boolean {
  const values = seen(row, k);
  const some = (test: (value: unknown) => boolean): boolean => values.some(test);
  const list = Array.isArray(v) ? v : [];
  switch (o) {
    case 'eq':
      return some((value) => same(value, v));
    case 'not':
      return !some((value) => same(value, v));
    case 'in':
      return some((value) => list.some((item) => same(value, item)));
    case 'not_in':
      return !some((value) => list.some((item) => same(value, item)));
    case 'exists':
      return some((value) => value !== undefined) === v;
    case 'contain':
      return some((value) => contains(value, v));
    case 'not_contain':
      return !some((value) => contains(value, v));
    case 'contain_in':
      return some((value) => list.some((item) => contains(value, item)));
    case 'not_contain_in':
      return !some((value) => list.some((item) => contains(value, item)));
    case 'regex':
      return some((value) => typeof value === 'string' && new RegExp(String(v), 'i').test(value));
    case 'regex_in':
      return some(
        (value) => typeof value === 'string' && list.some((item) => new RegExp(String(item), 'i').test(value)),
      );
    case 'match':
      return matches(row, k, v as Record<string, unknown>);
    default:
      return some((value) => ordered(value, timeOf(k, o, v), o.replace(/^(datetime|timediff)_/, '')));
  }
}

/** What a condition looks at: what stands there (undefined if nothing does), and if that is a list its elements too. */
function seen(row: Row, name: string): unknown[] {
  const [first = '', ...rest] = name.split('.');
  const path = sampleFields.scope.get(first)?.path ?? first;
  const found = [...path.split('.'), ...rest].reduce<unknown[]>(
    (values, step) => {
      const inside = values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]));
      return inside.filter((value) => !Array.isArray(value)).map((value) => own(value, step));
    },
    [row],
  );
  return found.flatMap((value) => (Array.isArray(value) ? [...(value as unknown[]), value] : [value]));
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function same(actual: unknown, wanted: unknown): boolean {
  if (wanted === null) return actual === null || actual === undefined;
  if (actual instanceof Date) return actual.getTime() === new Date(String(wanted)).getTime();
  return isDeepStrictEqual(actual, wanted);
}

function contains(actual: unknown, wanted: unknown): boolean {
  return typeof actual === 'string' && actual.toLowerCase().includes(String(wanted).toLowerCase());
}

/** A list of maps has one that fits; of a map, every entry named is there. */
function matches(row: Row, name: string, wanted: Record<string, unknown>): boolean {
  const [subject] = seen(row, name).slice(-1);
  const entries = Object.entries(wanted);
  const fits = (map: unknown): boolean =>
    entries.every(([key, value]) => {
      const actual = own(map, key);
      const reachable = !key.includes('.') && !key.startsWith('$');
      return same(actual, value) || (reachable && Array.isArray(actual) && actual.some((item) => same(item, value)));
    });
  if (!Array.isArray(subject)) return name === 'plugins' ? false : fits(subject);
  return subject.some((map) => typeof map === 'object' && fits(map));
}

function timeOf(name: string, operator: string, value: unknown): unknown {
  if (name !== 'created_at') return value;
  if (!operator.startsWith('timediff_')) return new Date(String(value));
  const [, start, sign, count = '0', unit = 's'] = /^now(\/d)?([+-])?(\d+)?(\w)?$/.exec(String(value)) ?? [];
  const seconds = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }[unit] ?? 0;
  const from = start === undefined ? NOW.getTime() : new Date(NOW).setUTCHours(0, 0, 0, 0);
  return new Date(from + (sign === '-' ? -1 : 1) * Number(count) * seconds * 1_000);
}

function ordered(actual: unknown, wanted: unknown, operator: string): boolean {
  if (typeof actual !== typeof wanted || actual instanceof Date !== wanted instanceof Date) return false;
  if (!['string', 'number'].includes(typeof actual) && !(actual instanceof Date)) return false;
  const [left, right] = [actual, wanted].map((value) => (value instanceof Date ? value.getTime() : value)) as [
    number,
    number,
  ];
  switch (operator) {
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
    case 'gt':
      return left > right;
    default:
      return left >= right;
  }
}

/** The rows in the order of the sort keys, and of their identity where those are equal. */
export function sorted(rows: readonly Row[], sort: readonly { key: string; desc?: boolean }[]): Row[] {
  return [...rows].sort((left, right) => {
    for (const { key, desc } of [...sort, { key: 'supervisor_id', desc: false }]) {
      const order = compare(seen(left, key)[0], seen(right, key)[0]);
      if (order !== 0) return desc === true ? -order : order;
    }
    return 0;
  });
}

function compare(left: unknown, right: unknown): number {
  const [a, b] = [left, right].map((value) => (value instanceof Date ? value.getTime() : value));
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  if (a === undefined || a === null || isDeepStrictEqual(a, b)) return 0;
  return (a as number) < (b as number) ? -1 : 1;
}

/** The order of types: nothing, numbers, texts, truth, times. */
function rank(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (value instanceof Date) return 4;
  return ['number', 'string', 'boolean'].indexOf(typeof value) + 1;
}
