import { queryError } from '../query-errors.js';

const TIMEDIFF = /^\s*now(?:\/([dwm]))?\s*(?:([+-])\s*(\d{1,9})\s*([smhdw]))?\s*$/;
const DAY_MS = 86_400_000;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };
/** The largest distance from 1970 that a Date can hold, in milliseconds. */
const MAX_TIME = 8.64e15;

/**
 * Reads a time told by its distance from now: `now`, `now-3d`, `now/d+12h`. Units are s, m, h, d and w; `now/d` is the
 * start of this day, `now/w` of this week (Monday), `now/m` of this month, all in UTC.
 *
 * @throws ERROR_DB_QUERY for anything else
 */
export function parseTimediff(value: string, now: Date, key: string): Date {
  const parts = TIMEDIFF.exec(value);
  if (parts === null) throw queryError(key, 'not of the form now, now/d, now/w, now-3d or now/d+12h', value);
  const [, start, sign, count, unit] = parts;
  const distance = unit === undefined ? 0 : Number(count) * (unitMs[unit] ?? 0);
  const time = startOf(start, now) + (sign === '-' ? -distance : distance);
  if (Math.abs(time) > MAX_TIME) throw queryError(key, 'too far away', value);
  return new Date(time);
}

function startOf(start: string | undefined, now: Date): number {
  const day = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  switch (start) {
    case 'd':
      return day;
    case 'w':
      return day - ((now.getUTCDay() + 6) % 7) * DAY_MS;
    case 'm':
      return Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
    default:
      return now.getTime();
  }
}
