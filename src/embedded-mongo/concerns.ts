import { check } from './errors.js';
import { isDoc, type Doc } from './values.js';

const LEVELS = ['local', 'available', 'majority', 'linearizable', 'snapshot'];

/** Refuses concerns that one node cannot meet; all others are met, as it answers only for what it has on disk. */
export function checkConcerns({ readConcern = {}, writeConcern = {} }: Doc): void {
  check(isDoc(readConcern), 'TypeMismatch', "BSON field 'readConcern' is the wrong type, expected type 'object'");
  const { level = 'local' } = readConcern;
  const message = `Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`;
  check(LEVELS.includes(String(level)), 'FailedToParse', message);
  check(isDoc(writeConcern), 'TypeMismatch', "BSON field 'writeConcern' is the wrong type, expected type 'object'");
  const { w = 1 } = writeConcern;
  const more = typeof w === 'number' && w > 1;
  check(!more, 'UnsatisfiableWriteConcern', 'Not enough data-bearing nodes');
  const known = w === 0 || w === 1 || w === 'majority';
  check(known, 79, `No write concern mode named '${String(w)}' found in replica set configuration`);
}
