import { invalidParameter } from '../../common/errors/errors.js';
import type { QueryableFields } from '../fields/queryable-fields.js';
import { resolveField } from '../fields/resolve-field.js';
import { QUERY_LIMITS } from '../limits.js';
import { text } from '../shape.js';
import { anyOf, type MongoFilter } from './mongo-filter.js';
import { containing } from './text-operators.js';

/**
 * Compiles `keyword`: it is split at blanks, and a row matches when one of its keyword fields contains any of the words,
 * without regard to case. Blanks alone ask for nothing.
 *
 * @throws ERROR_INVALID_PARAMETER_TYPE, ERROR_INVALID_PARAMETER when it is too long or has too many words
 */
export function compileKeyword(keyword: unknown, fields: QueryableFields, key: string): MongoFilter {
  const words = [...new Set(text(keyword, key, QUERY_LIMITS.searchLength).split(/\s/).filter(Boolean))];
  if (words.length > QUERY_LIMITS.words) {
    throw invalidParameter(key, `must not have more than ${QUERY_LIMITS.words} words`, words.length);
  }
  if (words.length === 0) return {};
  const paths = fields.keywordFields.map((name) => resolveField(fields.scope, name, key).path);
  return anyOf(paths.flatMap((path) => words.map((word) => containing(path, word, key))));
}
