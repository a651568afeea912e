import type { BerthError } from './berth-error.js';
import { unavailable } from './errors.js';

/** Names that the driver and Mongoose give to errors of a database that is away, slow or changing its primary. */
const unavailableNames = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoServerClosedError',
  'MongoStalePrimaryError',
  'MongoExpiredSessionError',
  'MongoOperationTimeoutError',
]);

/** Server error codes of a database that answers and cannot serve now. */
const unavailableCodes = new Set([6, 7, 50, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031]);

/** The error to tell when the database is at fault, not the request; undefined for any other error. */
export function databaseError(thrown: unknown): BerthError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const code = (thrown as { code?: unknown }).code;
  const away = unavailableNames.has(thrown.name) || (typeof code === 'number' && unavailableCodes.has(code));
  return away ? unavailable('the database does not answer', thrown) : undefined;
}
