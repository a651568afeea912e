import { Aggregator } from 'mingo/aggregator';
import { Context } from 'mingo/core';
import {
  $cond,
  $eq as $equals,
  $in as $among,
  $literal,
  $map,
  $not,
  $objectToArray,
  $or,
  $type,
} from 'mingo/operators/expression';
import { $count, $limit, $match, $project, $set, $skip, $sort, $unwind } from 'mingo/operators/pipeline';
import { $elemMatch } from 'mingo/operators/query/array';
import { $eq, $gt, $gte, $in, $lt, $lte, $ne } from 'mingo/operators/query/comparison';
import { $exists } from 'mingo/operators/query/element';
import { $expr } from 'mingo/operators/query/evaluation';
import { $and, $nor, $or as $anyOf } from 'mingo/operators/query/logical';
import type { Options } from 'mingo/types';
import { resolve } from 'mingo/util';
import { RE2JS } from 're2js';
import type { Stage } from '../filter/mongo-filter.js';

type Row = Record<string, unknown>;

/** What the compiler emits, and no operator more. */
const options: Partial<Options> = {
  idKey: '_id',
  scriptEnabled: false,
  useStrictMode: true,
  failOnError: true,
  context: Context.init({
    pipeline: { $count, $limit, $match, $project, $set, $skip, $sort, $unwind },
    query: { $and, $nor, $or: $anyOf, $expr, $eq, $ne, $in, $lt, $lte, $gt, $gte, $exists, $elemMatch, $finds: finds },
    expression: { $cond, $eq: $equals, $in: $among, $literal, $map, $not, $objectToArray, $or, $type },
  }),
};

/**
 * Runs what a list query was compiled to on rows in memory, as the database would on its own.
 *
 * An order by objects is not the database's: it is the same for the same rows, and no more.
 *
 * @returns a function that takes pipelines, as `runQuery` wants it
 */
export function inMemory(rows: readonly Row[]): (pipeline: readonly Stage[]) => Promise<Row[]> {
  return (pipeline) => Promise.resolve(new Aggregator(pipeline.map(withLinearSearch), options).run<Row>([...rows]));
}

/** Has texts be searched by an engine whose time is linear in the text: that of JavaScript is not. */
function withLinearSearch(stage: Stage): Stage {
  const { $match } = stage;
  return $match === undefined ? stage : { $match: searches($match as Row) };
}

/** Conditions of a filter; what stands behind any operator but `$regex` and those that join filters is data. */
function searches(filter: Row): Row {
  return Object.fromEntries(
    Object.entries(filter).map(([name, condition]) => {
      if (name === '$expr') return [name, condition];
      if (Array.isArray(condition)) return [name, (condition as Row[]).map(searches)];
      const { $regex: pattern } = condition as Row;
      return pattern === undefined ? [name, condition] : [name, { $finds: pattern }];
    }),
  );
}

/** Whether the field, or an element of it, has the pattern in it, without regard to case. */
function finds(...[selector, pattern]: [string, unknown, unknown]): (row: Row) => boolean {
  const search = RE2JS.compile(String(pattern), RE2JS.CASE_INSENSITIVE);
  const found = (value: unknown): boolean => typeof value === 'string' && search.matcher(value).find();
  return (row) => {
    const value: unknown = resolve(row, selector, { unwrapArray: true });
    return Array.isArray(value) ? value.flat(1).some(found) : found(value);
  };
}
