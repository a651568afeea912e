import { QUERY_LIMITS } from '../limits.js';
import { object, whole } from '../shape.js';

const UINT32 = 2 ** 32 - 1;

/** A window of the rows. */
export interface Window {
  readonly skip: number;
  readonly limit: number;
  /** Whether the caller asked for a page: statistics tell their `total_count` only then. */
  readonly paged: boolean;
}

/**
 * Reads `page`. `start` counts from 1 (0, proto3's absent, is the first row too); without a `limit` the answer has as
 * many rows as an answer may have.
 *
 * @throws ERROR_INVALID_PARAMETER_TYPE, ERROR_INVALID_PARAMETER
 */
export function compilePage(page: unknown, key: string): Window {
  const given = page === undefined || page === null ? {} : object(page, key);
  const start = whole(given['start'], `${key}.start`, 0, UINT32) ?? 1;
  const limit = whole(given['limit'], `${key}.limit`, 0, QUERY_LIMITS.rows) ?? 0;
  return { skip: Math.max(start - 1, 0), limit: limit === 0 ? QUERY_LIMITS.rows : limit, paged: limit > 0 };
}
