export { queryRefusal } from './database-refusal.js';
export { QueryDto } from './dto/query.dto.js';
export { StatisticsQueryDto } from './dto/statistics-query.dto.js';
export { defineFields } from './fields/queryable-fields.js';
export type {
  FieldDeclaration,
  FieldType,
  QueryableFields,
  ResourceDeclaration,
  SortKey,
} from './fields/queryable-fields.js';
export { FILTER_OPERATORS } from './filter/filter.js';
export type { MongoFilter, Stage } from './filter/mongo-filter.js';
export { QUERY_LIMITS, QUERY_TIME } from './limits.js';
export { compileQuery } from './list/compile-query.js';
export type { CompiledQuery, CompileOptions } from './list/compile-query.js';
export { inMemory } from './memory/in-memory.js';
export { runQuery, runStat } from './run-query.js';
export type { Rows } from './run-query.js';
export { compileStat } from './stat/compile-stat.js';
export type { CompiledStat } from './stat/compile-stat.js';
export { readStat, totalCount } from './stat/read-stat.js';
export type { StatAnswer } from './stat/read-stat.js';
