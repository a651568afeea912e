import { check } from './errors.js';
import { isNumeric, toNumber } from './numbers.js';
import { isDoc, type Doc } from './values.js';

const LEVELS = ['local', 'available', 'majority', 'linearizable', 'snapshot'];

/** Checks the concerns of a command; every level is met, as one node answers only for what it has on disk. */
export function checkConcerns(command: Doc): void {
  const { readConcern, writeConcern } = command;
  if (readConcern !== undefined) {
    check(isDoc(readConcern), 'TypeMismatch', "BSON field 'readConcern' is the wrong type, expected type 'object'");
    const { level } = readConcern;
    const known = level === undefined || LEVELS.includes(String(level));
    check(
      known,
      'FailedToParse',
      `Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`,
    );
  }
  if (writeConcern === undefined) return;
  check(isDoc(writeConcern), 'TypeMismatch', "BSON field 'writeConcern' is the wrong type, expected type 'object'");
  const w = writeConcern['w'] ?? 1;
  const known = w === 'majority' || (isNumeric(w) && toNumber(w) >= 0 && toNumber(w) <= 50);
  check(known, 79, `No write concern mode named '${String(w)}' found in replica set configuration`);
}

/** What a reply says of a write concern that one node cannot meet; the write is done all the same. */
export function writeConcernError(command: Doc): Doc {
  const { writeConcern } = command;
  const w = isDoc(writeConcern) ? writeConcern['w'] : undefined;
  if (!isNumeric(w) || toNumber(w) <= 1) return {};
  return {
    writeConcernError: { code: 100, codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' },
  };
}
