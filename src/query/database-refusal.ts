import type { BerthError } from '../common/errors/berth-error.js';
import { queryError } from './query-errors.js';

/**
 * Codes that MongoDB answers when it is the query that cannot be served, in ways that depend on the stored data and so
 * show themselves only there.
 */
const refusals = new Map<unknown, string>([
  [2, 'the database cannot compare the values stored there'],
  [50, 'it takes too long'],
  [146, 'it needs too much memory'],
  [292, 'it needs too much memory'],
  [10334, 'a result is too large'],
  [17419, 'a result is too large'],
  [51091, 'bad regular expression'],
]);

/**
 * The error to tell when the database refused a compiled query; undefined for any other error.
 *
 * @param thrown what the driver threw while it ran the pipeline
 */
export function queryRefusal(thrown: unknown, key = 'query'): BerthError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const reason = refusals.get((thrown as { code?: unknown }).code);
  return reason === undefined ? undefined : queryError(key, reason);
}
