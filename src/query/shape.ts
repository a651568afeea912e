import { invalidParameter, invalidParameterType, requiredParameter } from '../common/errors/errors.js';

/** Any JSON object, its fields not looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether the value is an object, and not a list or null. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws ERROR_INVALID_PARAMETER_TYPE */
export function object(value: unknown, key: string): Fields {
  if (!isObject(value)) throw invalidParameterType(key, 'object');
  return value;
}

/**
 * A list; absent is empty.
 *
 * @throws ERROR_INVALID_PARAMETER_TYPE, ERROR_INVALID_PARAMETER when it has more than `most` items
 */
export function list(value: unknown, key: string, most: number): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidParameterType(key, 'list');
  if (value.length > most) throw invalidParameter(key, `must not have more than ${most} items`, value.length);
  return value;
}

/**
 * A text; absent and empty are the same, as in proto3.
 *
 * @throws ERROR_INVALID_PARAMETER_TYPE, ERROR_INVALID_PARAMETER when it is longer than `most` UTF-16 code units
 */
export function text(value: unknown, key: string, most: number): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw invalidParameterType(key, 'string');
  if (value.length > most) throw invalidParameter(key, `must not be longer than ${most}`, value.length);
  return value;
}

/** A text that has to be there. @throws ERROR_REQUIRED_PARAMETER, and as {@link text} */
export function requiredText(value: unknown, key: string, most: number): string {
  const given = text(value, key, most);
  if (given === '') throw requiredParameter(key);
  return given;
}

/** True or false; absent is false. @throws ERROR_INVALID_PARAMETER_TYPE */
export function flag(value: unknown, key: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw invalidParameterType(key, 'boolean');
  return value;
}

/**
 * A whole number from `least` to `most`; absent is undefined.
 *
 * @throws ERROR_INVALID_PARAMETER_TYPE, ERROR_INVALID_PARAMETER
 */
export function whole(value: unknown, key: string, least: number, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw invalidParameterType(key, 'integer');
  if (value < least || value > most) throw invalidParameter(key, `must be from ${least} to ${most}`, value);
  return value;
}

/** A field that has a long and a short name, and the name it was given by. */
export interface Aliased {
  readonly value: unknown;
  readonly key: string;
}

/** Reads a field under its long or its short name; the long one wins. */
export function aliased(item: Fields, at: string, long: string, short: string): Aliased {
  const name = item[long] === undefined && item[short] !== undefined ? short : long;
  return { value: item[name], key: `${at}.${name}` };
}
