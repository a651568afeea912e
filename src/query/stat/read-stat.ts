import type { CompiledStat } from './compile-stat.js';
import { DISTINCT_VALUE } from './distinct.js';

/** A statistics answer: a google.protobuf.Struct. */
export interface StatAnswer extends Record<string, unknown> {
  readonly results: unknown[];
  /** How many results there are on all pages; only where a page was asked for. */
  readonly total_count?: number;
}

/**
 * Makes the answer of what the pipelines of a {@link CompiledStat} found.
 *
 * @param count what `compiled.count` answered, where there is one
 */
export function readStat(
  compiled: CompiledStat,
  rows: readonly Readonly<Record<string, unknown>>[],
  count: readonly Readonly<Record<string, unknown>>[] = [],
): StatAnswer {
  const results = rows.map((row) => plain(compiled.distinct ? row[DISTINCT_VALUE] : row));
  return compiled.count === undefined ? { results } : { results, total_count: totalCount(count) };
}

/** The number that a `count` pipeline answered: it answers no row where there is nothing to count. */
export function totalCount(rows: readonly Readonly<Record<string, unknown>>[]): number {
  return Number(rows[0]?.['total_count'] ?? 0);
}

/** A stored value as JSON and Struct know it: dates in ISO 8601 UTC with milliseconds, numbers as doubles. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, plain(child)]));
}
