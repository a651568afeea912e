import type { Row } from './scenario.js';

const columns = ['scenario', 'what', 'figure', 'details', 'goal', 'verdict'] as const;

/** The rows as text, in columns. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => ({ ...row, verdict: row.met === undefined ? '' : row.met ? 'met' : 'MISSED' }));
  const widths = columns.map((column) => Math.max(column.length, ...cells.map((row) => row[column].length)));
  const line = (values: readonly string[]) =>
    values
      .map((value, at) => value.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(columns),
    line(widths.map((width) => '-'.repeat(width))),
    ...cells.map((row) => line(columns.map((column) => row[column]))),
  ].join('\n');
}
