import { invalidParameter, requiredParameter } from '../../common/errors/errors.js';
import type { StatisticsQuery } from '../../generated/spaceone/api/core/v2/query.js';
import type { QueryableFields } from '../fields/queryable-fields.js';
import { compileFilters } from '../filter/filter.js';
import { compileKeyword } from '../filter/keyword.js';
import { allOf, matching, type MongoFilter, type Stage } from '../filter/mongo-filter.js';
import type { CompileOptions } from '../list/compile-query.js';
import { compilePage } from '../list/page.js';
import { object } from '../shape.js';
import { compileAggregate } from './aggregate.js';
import { compileDistinct } from './distinct.js';

/** A statistics query as pipelines. */
export interface CompiledStat {
  /** Which documents are looked at; the pipelines begin with it. */
  readonly filter: MongoFilter;
  /** The stages that answer the results. Put what scopes or joins the rows before them. */
  readonly rows: readonly Stage[];
  /** The stages that answer one document `{ total_count }`, or none; undefined when no page is asked for. */
  readonly count: readonly Stage[] | undefined;
  /** The results are values, not rows. */
  readonly distinct: boolean;
}

/**
 * Compiles a Cloudforet statistics query: its `aggregate` stages in order, or its `distinct` values.
 *
 * @throws BerthError as {@link compileQuery} does; ERROR_REQUIRED_PARAMETER when it has neither `aggregate` nor
 * `distinct`, ERROR_INVALID_PARAMETER when it has both
 */
export function compileStat(
  query: StatisticsQuery | undefined,
  fields: QueryableFields,
  { now = new Date(), key = 'query' }: CompileOptions = {},
): CompiledStat {
  const given = object(query ?? {}, key);
  const { scope } = fields;
  const filter = allOf([
    compileFilters(given, { scope, now }, key),
    compileKeyword(given['keyword'], fields, `${key}.keyword`),
  ]);
  const aggregate = given['aggregate'] ?? [];
  const value = given['distinct'] ?? '';
  const distinct = value !== '';
  const aggregates = !Array.isArray(aggregate) || aggregate.length > 0;
  if (distinct && aggregates) throw invalidParameter(`${key}.distinct`, 'cannot be asked for together with aggregate');
  if (!distinct && !aggregates) throw requiredParameter(`${key}.aggregate`);
  const stages = distinct
    ? compileDistinct(value, scope, `${key}.distinct`)
    : compileAggregate(aggregate, { scope, now, documents: true, groupKeys: [] }, `${key}.aggregate`);
  const { skip, limit, paged } = compilePage(given['page'], `${key}.page`);
  const all = [...matching(filter), ...stages];
  return {
    filter,
    distinct,
    rows: [...all, ...(skip > 0 ? [{ $skip: skip }] : []), { $limit: limit }],
    count: paged ? [...all, { $count: 'total_count' }] : undefined,
  };
}
