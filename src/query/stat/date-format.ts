import type { Field } from '../fields/queryable-fields.js';
import { queryError } from '../query-errors.js';
import { type Expression, literal } from './expressions.js';

const parts: Readonly<Record<string, string>> = { year: '$year', month: '$month', day: '$dayOfMonth' };
const MAX_LENGTH = 64;

/**
 * The key that groups by a part of a date: `year`, `month` and `day` are numbers, anything else is a text of strftime's
 * `%Y %m %d %H %M %S %L %j %u %V`, in UTC.
 *
 * @throws ERROR_DB_QUERY when the field is no date, or the format has another specifier
 */
export function dateExpression({ path, type, list }: Field, format: string, key: string): Expression {
  if (type !== 'datetime' || list) throw queryError(key, 'applies to a datetime field only', format);
  const part = Object.hasOwn(parts, format) ? parts[format] : undefined;
  if (part !== undefined) return { [part]: `$${path}` };
  if (format.length > MAX_LENGTH || /\0/.test(format) || /%(?![YmdHMSLjuV])/.test(format)) {
    throw queryError(key, 'must be year, month, day or of %Y %m %d %H %M %S %L %j %u %V', format);
  }
  return { $dateToString: { format: literal(format), date: `$${path}` } };
}
