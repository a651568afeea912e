import type { ObjectId } from 'bson';
import type { Collection } from '../collection.js';
import type { Cursors } from '../cursors.js';
import type { Database } from '../database.js';
import { check } from '../errors.js';
import type { Variables } from '../expression.js';
import { checkCollation } from '../index-keys.js';
import { isNumeric, toNumber } from '../numbers.js';
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
  /** `$$NOW`, and what `let` binds. */
  variables: Variables;
  /** Throws once `maxTimeMS` is over. */
  tick(): void;
}

/** A command: which fields it knows, and what it does. */
export interface Command {
  fields: string[];
  run(context: Context, command: Doc): Doc;
  /** Answered without waiting for the commands before it. */
  immediate?: boolean;
  /** Takes part in retryable writes. */
  retryable?: boolean;
}

/** The name of the collection a command is for. @throws InvalidNamespace */
export function collectionName(command: Doc): string {
  const name = Object.values(command)[0];
  check(
    typeof name === 'string' && name !== '',
    'InvalidNamespace',
    `collection name has invalid type ${typeName(name)}`,
  );
  return name;
}

/** The collection a command is for, if it exists. */
export function collectionOf(context: Context, command: Doc): Collection | undefined {
  return context.database.find(context.db, collectionName(command));
}

/** A field that must be an object if it is there. @throws TypeMismatch */
export function objectField(command: Doc, name: string): Doc {
  const value = command[name] ?? {};
  check(
    isDoc(value),
    'TypeMismatch',
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'object'`,
  );
  return value;
}

/** A field that must be an array. @throws TypeMismatch, Location40414 when it is missing */
export function arrayField(command: Doc, name: string): unknown[] {
  const value = command[name];
  check(value !== undefined, 40414, `BSON field '${name}' is missing but a required field`);
  check(
    Array.isArray(value),
    'TypeMismatch',
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'array'`,
  );
  return value;
}

/** A flag; numbers count as MongoDB counts them. @throws TypeMismatch */
export function flag(value: unknown, name: string, otherwise = false): boolean {
  if (value === undefined || value === null) return otherwise;
  if (isNumeric(value)) return toNumber(value) !== 0;
  check(
    typeof value === 'boolean',
    'TypeMismatch',
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'bool'`,
  );
  return value;
}

/** Refuses options that would change the result and are not served. @throws CommandNotSupported */
export function refuse(command: Doc, names: string[]): void {
  const set = names.find((name) => {
    const value = command[name];
    return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
  });
  check(set === undefined, 'CommandNotSupported', `the option '${set}' is not supported`);
  if (command['collation'] !== undefined) checkCollation(command['collation']);
}

/** The variables of a command: those of its `let` besides what the context has. */
export function variablesOf(context: Context, command: Doc): Variables {
  return { ...context.variables, ...objectField(command, 'let') };
}
