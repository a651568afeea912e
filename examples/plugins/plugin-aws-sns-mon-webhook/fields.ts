import { invalid, missing, wrongType } from '../kit/plugin-error.js';

/** A JSON object of the caller's, with the path that leads to it: so that an error can name what is wrong. */
export interface Fields {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

/** @throws PluginError naming `path` */
export function asFields(value: unknown, path: string): Fields {
  if (isAbsent(value)) throw missing(path);
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(path, 'object');
  return { path, values: value as Record<string, unknown> };
}

const valueOf = ({ values }: Fields, key: string): unknown => (Object.hasOwn(values, key) ? values[key] : undefined);

export const has = (fields: Fields, key: string): boolean => !isAbsent(valueOf(fields, key));

/** A string that may be missing, null or empty. @throws PluginError where it is something else */
export function optionalText(fields: Fields, key: string): string | undefined {
  const value = valueOf(fields, key);
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string') throw wrongType(`${fields.path}.${key}`, 'string');
  return value === '' ? undefined : value;
}

/** A string that has to be there, and not empty. @throws PluginError */
export function text(fields: Fields, key: string): string {
  const value = optionalText(fields, key);
  if (value === undefined) throw missing(`${fields.path}.${key}`);
  return value;
}

/** @throws PluginError */
export function object(fields: Fields, key: string): Fields {
  return asFields(valueOf(fields, key), `${fields.path}.${key}`);
}

/** A list of objects. @throws PluginError */
export function objects(fields: Fields, key: string): Fields[] {
  const value = valueOf(fields, key);
  const path = `${fields.path}.${key}`;
  if (isAbsent(value)) throw missing(path);
  if (!Array.isArray(value)) throw wrongType(path, 'list');
  return value.map((item: unknown, index) => asFields(item, `${path}[${index}]`));
}

/** ISO 8601 with a zone; AWS writes some of its zones without a colon. */
const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:Z|([+-]\d{2}):?(\d{2}))$/;

/** A point in time. @throws PluginError */
export function time(fields: Fields, key: string): Date {
  const written = text(fields, key);
  const [, local, hours, minutes] = TIME.exec(written) ?? [];
  const date = new Date(`${local}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  if (Number.isNaN(date.getTime())) throw invalid(`${fields.path}.${key}`, 'is no time in ISO 8601');
  return date;
}
