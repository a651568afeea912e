import type { Field, FieldType } from '../fields/queryable-fields.js';
import { QUERY_LIMITS } from '../limits.js';
import { operatorValueType, queryError } from '../query-errors.js';
import { isObject } from '../shape.js';
import { parseDatetime } from './datetime.js';

/** What stands in a filter as the operand of `$eq` and others: never an operator itself. */
export type Data = string | number | boolean | null | Date | Readonly<Record<string, unknown>>;

const typeNames: Record<FieldType, string> = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  datetime: 'string',
  map: 'dict',
  any: 'string, number, bool or dict',
};

/**
 * The value as the field stores it: ISO 8601 texts of datetime fields become dates, objects are checked to be plain data.
 *
 * @throws ERROR_OPERATOR_VALUE_TYPE when the field cannot hold it, ERROR_DB_QUERY for a date that does not exist or data
 * that no document can hold
 */
export function dataFor(field: Pick<Field, 'type'>, value: unknown, key: string): Data {
  if (field.type === 'datetime' && typeof value === 'string') return parseDatetime(value, key);
  if (!fits(field.type, value)) throw operatorValueType(key, typeNames[field.type]);
  checkData(value, key);
  return value;
}

function fits(type: FieldType, value: unknown): value is Data {
  switch (type) {
    case 'number':
      return Number.isFinite(value);
    case 'map':
      return isObject(value);
    case 'any':
      return isObject(value) || ['string', 'boolean'].includes(typeof value) || fits('number', value);
    default:
      return typeof value === type;
  }
}

/** @throws ERROR_DB_QUERY for strings too long, nesting too deep, and keys that BSON cannot write */
function checkData(value: unknown, key: string): void {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  let nodes = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (++nodes > QUERY_LIMITS.nodes) throw queryError(key, `more than ${QUERY_LIMITS.nodes} keys and elements`);
    checkScalar(next.value, key);
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (!isPlain(next.value)) throw queryError(key, 'an object must be plain data');
    if (next.depth > QUERY_LIMITS.depth) throw queryError(key, `nested more than ${QUERY_LIMITS.depth} levels deep`);
    for (const [name, child] of Object.entries(next.value)) {
      checkKey(name, key);
      open.push({ value: child, depth: next.depth + 1 });
    }
  }
}

/** Whether what is read from the object is its own: a prototype could lend it what the keys do not show. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

function checkScalar(value: unknown, key: string): void {
  if (typeof value === 'string' && value.length > QUERY_LIMITS.stringLength) {
    throw queryError(key, `longer than ${QUERY_LIMITS.stringLength}`, value.length);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw queryError(key, 'not a finite number');
}

/** `_bsontype` would make the driver take the object for one of its own classes. */
function checkKey(name: string, key: string): void {
  if (name === '_bsontype' || name === '__proto__' || name.includes('\0')) {
    throw queryError(key, 'an object cannot have such a key', name);
  }
}
