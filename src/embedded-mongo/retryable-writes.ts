import { decode } from './codec.js';
import { check } from './errors.js';
import type { Journal } from './journal.js';
import { isNumeric, toNumber } from './numbers.js';
import { plain } from './records.js';
import type { Store } from './store.js';
import type { Doc } from './values.js';

/** Records of retryable writes expire with their session. */
const EXPIRY_MS = 30 * 60 * 1000;
/** However many sessions there are in that time, no more records than this are kept. */
const MAX_RECORDS = 100_000;

function numberOf(txn: unknown): bigint {
  const fits = isNumeric(txn) && Number.isInteger(toNumber(txn)) && toNumber(txn) >= 0;
  check(fits, 'TypeMismatch', "BSON field 'txnNumber' must be a whole number");
  return BigInt(toNumber(txn));
}

/** The reply given before to the same write of a session, if this is a repetition. @throws TransactionTooOld */
export function retried(store: Store, session: string | undefined, txn: unknown): Doc | undefined {
  check(session !== undefined, 'InvalidOptions', 'Transaction number requires a session ID to also be specified');
  const known = store.retries.get(session);
  const number = numberOf(txn);
  if (!known || number > known.txn) return undefined;
  const message = `Retryable write with txnNumber ${number} is prohibited on session because a newer one with txnNumber ${known.txn} has already started on this session.`;
  check(number === known.txn, 'TransactionTooOld', message);
  return decode(known.reply);
}

/**
 * Stores a reply with its write, in the same batch. That of one that changed nothing need not be stored: doing it again
 * is as good as having done it then.
 */
export function remember(journal: Journal, session: string | undefined, txn: unknown, reply: Doc): void {
  journal.write(plain('retry', 0, { session, txn: numberOf(txn) }, reply));
}

/** Forgets the records of sessions that have been silent for longer than sessions live, and the oldest of too many. */
export function expireRetries(store: Store): void {
  const oldest = Date.now() - EXPIRY_MS;
  for (const [session, { at }] of store.retries) {
    if (at >= oldest && store.retries.size <= MAX_RECORDS) break;
    store.retries.delete(session);
  }
}
