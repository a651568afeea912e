import type { Scope } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import type { Stage } from '../filter/mongo-filter.js';
import { QUERY_LIMITS } from '../limits.js';
import { text } from '../shape.js';

/** The name under which {@link compileDistinct} answers each value. */
export const DISTINCT_VALUE = 'value';

/**
 * The different values of a field, in order; of a list, its elements. null and absence are no value.
 *
 * @throws ERROR_DB_QUERY for an unknown field
 */
export function compileDistinct(distinct: unknown, scope: Scope, key: string): Stage[] {
  const { path } = resolveField(scope, text(distinct, key, QUERY_LIMITS.nameLength), key);
  return [
    // An expression gathers what a path through a list of maps finds; `$unwind` takes such a path for nothing.
    { $project: { _id: 0, [DISTINCT_VALUE]: `$${path}` } },
    // Takes anything but a list as a list of one, and leaves out what is null or absent.
    { $unwind: `$${DISTINCT_VALUE}` },
    { $match: { [DISTINCT_VALUE]: { $ne: null } } },
    { $group: { _id: `$${DISTINCT_VALUE}` } },
    { $sort: { _id: 1 } },
    { $project: { _id: 0, [DISTINCT_VALUE]: '$_id' } },
  ];
}
