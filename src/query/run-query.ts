import { queryRefusal } from './database-refusal.js';
import type { Stage } from './filter/mongo-filter.js';
import type { CompiledQuery } from './list/compile-query.js';
import type { CompiledStat } from './stat/compile-stat.js';
import { readStat, totalCount } from './stat/read-stat.js';

/** Runs a pipeline on the collection that is asked. */
export type Aggregate = (pipeline: readonly Stage[]) => Promise<Record<string, unknown>[]>;

/** A page of rows, as they are stored, and how many there are in all. */
export interface Rows {
  readonly rows: Record<string, unknown>[];
  readonly total: number;
}

/**
 * Runs a list query on the rows that `scope` leaves.
 *
 * @throws BerthError ERROR_DB_QUERY when the database cannot answer such a query
 */
export async function runQuery(query: CompiledQuery, scope: readonly Stage[], aggregate: Aggregate): Promise<Rows> {
  return refusing(async () => {
    const [rows, count] = await Promise.all([
      query.countOnly ? [] : aggregate([...scope, ...query.rows]),
      aggregate([...scope, ...query.count]),
    ]);
    return { rows, total: totalCount(count) };
  });
}

/**
 * Runs a statistics query on the rows that `scope` leaves.
 *
 * @returns `{ results }`, and `total_count` where a page was asked for
 * @throws BerthError ERROR_DB_QUERY when the database cannot answer such a query
 */
export async function runStat(
  stat: CompiledStat,
  scope: readonly Stage[],
  aggregate: Aggregate,
): Promise<Record<string, unknown>> {
  return refusing(async () => {
    const [rows, count] = await Promise.all([
      aggregate([...scope, ...stat.rows]),
      stat.count && aggregate([...scope, ...stat.count]),
    ]);
    return { ...readStat(stat, rows, count) };
  });
}

async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw queryRefusal(error) ?? error;
  }
}
