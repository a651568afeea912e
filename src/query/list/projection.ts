import type { QueryableFields } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import { QUERY_LIMITS } from '../limits.js';
import { flag, type Fields, list, requiredText } from '../shape.js';

/** Stored paths that are answered; `_id` is named in every case, since MongoDB adds it unasked. */
export type MongoProjection = Readonly<Record<string, 0 | 1>>;

/**
 * Compiles `only` and `minimal`; `only`, the more exact wish, wins over `minimal`. Undefined when whole rows are asked for.
 *
 * @throws ERROR_DB_QUERY for an unknown field, ERROR_INVALID_PARAMETER, _TYPE
 */
export function compileProjection(query: Fields, fields: QueryableFields, at: string): MongoProjection | undefined {
  const only = list(query['only'], `${at}.only`, QUERY_LIMITS.only).map((name, index) =>
    requiredText(name, `${at}.only[${index}]`, QUERY_LIMITS.nameLength),
  );
  const minimal = flag(query['minimal'], `${at}.minimal`);
  if (only.length === 0 && !minimal) return undefined;
  const names = only.length > 0 ? only : fields.minimalFields;
  return projectionOf(names.map((name, index) => resolveField(fields.scope, name, `${at}.only[${index}]`).path));
}

function projectionOf(paths: readonly string[]): MongoProjection {
  const chosen = new Set(paths);
  // MongoDB refuses a path and one beneath it in the same projection.
  const outermost = [...chosen].filter((path) => !ancestors(path).some((ancestor) => chosen.has(ancestor)));
  return { _id: 0, ...Object.fromEntries(outermost.map((path) => [path, 1 as const])) };
}

function ancestors(path: string): string[] {
  const steps = path.split('.');
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('.'));
}
