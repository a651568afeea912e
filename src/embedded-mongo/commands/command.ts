import type { ObjectId } from 'bson';
import type { Collection } from '../collection.js';
import type { Cursors } from '../cursors.js';
import type { Database } from '../database.js';
import { check } from '../errors.js';
import type { Variables } from '../expression.js';
import { isNumeric, toNumber, wholeArgument } from '../numbers.js';
import { isDoc, typeName, type Doc } from '../values.js';

/** What the server knows of itself, for commands that tell. */
export interface ServerInfo {
  address: string;
  /** Of this run: clients tell a restart by it. */
  processId: ObjectId;
  startedAt: number;
  connections(): number;
  counters: Record<string, number>;
}

/** What a command runs in. */
export interface Context {
  database: Database;
  cursors: Cursors;
  server: ServerInfo;
  connectionId: number;
  /** The database the command is for. */
  db: string;
  /** The logical session, as a key. */
  session: string | undefined;
  /** `$$NOW`. */
  variables: Variables;
  /** Throws once `maxTimeMS` is over. */
  tick(): void;
}

/** A command: which fields it knows, and what it does. */
export interface Command {
  fields: string[];
  /** Fields that MongoDB knows, and that are refused as they would change the result. */
  refused?: string[];
  run(context: Context, command: Doc): Doc;
  /** Answered without waiting for the commands before it. */
  immediate?: boolean;
  /** Takes part in retryable writes. */
  retryable?: boolean;
}

/** Refuses fields of a command or a statement. @throws CommandNotSupported, or Location40415 for those nobody knows */
export function checkFields(given: Doc, names: string[], known: string[], refused: string[], where: string): void {
  for (const name of names) {
    const value = given[name];
    const idle = value === undefined || value === null || value === false || (isDoc(value) && !Object.keys(value)[0]);
    check(idle || !refused.includes(name), 'CommandNotSupported', `the option '${name}' is not supported`);
    const fits = known.includes(name) || refused.includes(name);
    check(fits, 'UnknownField', `BSON field '${where}.${name}' is an unknown field.`);
  }
}

/** The name of the collection a command is for. @throws InvalidNamespace */
export function collectionName(command: Doc): string {
  const name = Object.values(command)[0];
  const fits = typeof name === 'string' && name !== '';
  check(fits, 'InvalidNamespace', `collection name has invalid type ${typeName(name)}`);
  return name;
}

/** The collection a command is for, if it exists. */
export function collectionOf(context: Context, command: Doc): Collection | undefined {
  return context.database.find(context.db, collectionName(command));
}

function wrongType(name: string, value: unknown, expected: string): string {
  return `BSON field '${name}' is the wrong type '${typeName(value)}', expected type '${expected}'`;
}

/** A field that must be an object if it is there. @throws TypeMismatch */
export function objectField(command: Doc, name: string): Doc {
  const value = command[name] ?? {};
  check(isDoc(value), 'TypeMismatch', wrongType(name, value, 'object'));
  return value;
}

/** A field that must be an array. @throws TypeMismatch, Location40414 when it is missing */
export function arrayField(command: Doc, name: string): unknown[] {
  const value = command[name];
  check(value !== undefined, 40414, `BSON field '${name}' is missing but a required field`);
  check(Array.isArray(value), 'TypeMismatch', wrongType(name, value, 'array'));
  return value;
}

/** A flag; numbers count as MongoDB counts them. @throws TypeMismatch */
export function flag(command: Doc, name: string, otherwise = false): boolean {
  const value = command[name] ?? otherwise;
  if (isNumeric(value)) return toNumber(value) !== 0;
  check(typeof value === 'boolean', 'TypeMismatch', wrongType(name, value, 'bool'));
  return value;
}

/** A whole number that is not negative. @throws TypeMismatch, BadValue, Location51024 */
export function wholeField(command: Doc, name: string, otherwise: number): number {
  return command[name] === undefined ? otherwise : wholeArgument(command[name], name, 0);
}
