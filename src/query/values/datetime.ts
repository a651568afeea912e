import { queryError } from '../query-errors.js';

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
const MINUTE_MS = 60_000;

/**
 * Reads a date or a date with time of ISO 8601; without a zone it is UTC. What is finer than a millisecond is cut off.
 *
 * @throws ERROR_DB_QUERY for anything else, and for dates that no calendar has
 */
export function parseDatetime(value: string, key: string): Date {
  const parts = ISO_8601.exec(value);
  if (parts === null) throw queryError(key, 'not an ISO 8601 date', value);
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const millisecond = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second, millisecond);
  // A day that the month does not have is one of another month.
  const exists = local.getUTCMonth() === month - 1 && hour < 24 && minute < 60 && second < 60;
  if (!exists) throw queryError(key, 'no such date or time', value);
  return new Date(local.getTime() - zoneMinutes(parts[8], value, key) * MINUTE_MS);
}

function zoneMinutes(zone: string | undefined, value: string, key: string): number {
  if (zone === undefined) return 0;
  // `Z` has no digits, which are nought.
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) throw queryError(key, 'no such time zone', value);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
