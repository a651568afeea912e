import { invalidParameter } from '../../common/errors/errors.js';
import type { Query } from '../../generated/spaceone/api/core/v2/query.js';
import type { QueryableFields } from '../fields/queryable-fields.js';
import { compileFilters } from '../filter/filter.js';
import { compileKeyword } from '../filter/keyword.js';
import { allOf, matching, type MongoFilter, type Stage } from '../filter/mongo-filter.js';
import { type Fields, flag, object } from '../shape.js';
import { compilePage } from './page.js';
import { compileProjection, type MongoProjection } from './projection.js';
import { compileSort, type MongoSort } from './sort.js';
import { compileUnwind, type CompiledUnwind } from './unwind.js';

/** A list query, ready for `find` and `countDocuments`, or as two pipelines. */
export interface CompiledQuery {
  readonly filter: MongoFilter;
  readonly sort: MongoSort;
  readonly skip: number;
  readonly limit: number;
  /** Undefined when whole rows are asked for. */
  readonly projection: MongoProjection | undefined;
  /** No rows are wanted, only how many there are. */
  readonly countOnly: boolean;
  /** One row for each element of a list: only the pipelines can do this. */
  readonly unwinds: boolean;
  /** The stages that answer the rows. Put what scopes or joins the rows before them. */
  readonly rows: readonly Stage[];
  /** The stages that answer one document `{ total_count }`, or none when there are no rows. */
  readonly count: readonly Stage[];
}

/** What a query is compiled with. */
export interface CompileOptions {
  /** The time that `now` means in `timediff_*`; the clock's own by default. */
  readonly now?: Date;
  /** Where the query stands in the request, as error messages name it; `query` by default. */
  readonly key?: string;
}

/**
 * Compiles a Cloudforet list query. Whatever JSON it is given, it answers or throws one of the errors named here: values
 * become operands of explicit operators, and names come from the declared fields alone.
 *
 * @throws BerthError ERROR_DB_QUERY (unknown field or operator, bad regular expression or date), ERROR_OPERATOR_* (a
 * value of a type that the operator or the field cannot take), ERROR_REQUIRED_PARAMETER, ERROR_INVALID_PARAMETER (a limit
 * passed; `lookup` or `add_fields`, which are not supported), ERROR_INVALID_PARAMETER_TYPE
 */
export function compileQuery(
  query: Query | undefined,
  fields: QueryableFields,
  { now = new Date(), key = 'query' }: CompileOptions = {},
): CompiledQuery {
  const given = object(query ?? {}, key);
  refuse(given, 'lookup', key);
  refuse(given, 'add_fields', key);
  const context = { scope: fields.scope, now };
  const filter = allOf([
    compileFilters(given, context, key),
    compileKeyword(given['keyword'], fields, `${key}.keyword`),
  ]);
  const unwind = given['unwind'] == null ? undefined : compileUnwind(given['unwind'], context, `${key}.unwind`);
  const window = compilePage(given['page'], `${key}.page`);
  const parts = {
    filter,
    sort: compileSort(given['sort'], { ...fields, scope: unwind?.scope ?? fields.scope }, `${key}.sort`),
    skip: window.skip,
    limit: window.limit,
    projection: compileProjection(given, fields, key),
    countOnly: flag(given['count_only'], `${key}.count_only`),
  };
  return { ...parts, unwinds: unwind !== undefined, ...pipelines(parts, unwind) };
}

type Parts = Pick<CompiledQuery, 'filter' | 'sort' | 'skip' | 'limit' | 'projection'>;

function pipelines(parts: Parts, unwind: CompiledUnwind | undefined): Pick<CompiledQuery, 'rows' | 'count'> {
  const found = [...matching(parts.filter), ...(unwind?.stages ?? [])];
  // Rows of one document share its identity: their element tells them apart.
  const sort = unwind === undefined ? parts.sort : { ...parts.sort, [unwind.path]: parts.sort[unwind.path] ?? 1 };
  const rows = [
    ...found,
    { $sort: sort },
    ...(parts.skip > 0 ? [{ $skip: parts.skip }] : []),
    { $limit: parts.limit },
    // The answer's message has a list there.
    ...(unwind === undefined ? [] : [{ $set: { [unwind.path]: [`$${unwind.path}`] } }]),
    ...(parts.projection === undefined ? [] : [{ $project: parts.projection }]),
  ];
  return { rows, count: [...found, { $count: 'total_count' }] };
}

function refuse(query: Fields, name: string, key: string): void {
  const given = query[name];
  if (given != null && (typeof given !== 'object' || Object.keys(given as object).length > 0)) {
    throw invalidParameter(`${key}.${name}`, 'not supported');
  }
}
