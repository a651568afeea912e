/** A program that a test uses, and what it has logged so far. */
interface Logged {
  readonly name: string;
  readonly log: () => string;
  /** In milliseconds of `Date.now()`. */
  ended: number;
}

const LINES = 40;
const programs = new Set<Logged>();

/**
 * Has the end of a program's log shown where a test fails that runs beside it.
 *
 * @returns to be called when the program has ended
 */
export function showLogOf(name: string, log: () => string): () => void {
  const program: Logged = { name, log, ended: Infinity };
  programs.add(program);
  return () => (program.ended = Date.now());
}

/** The last lines of each program that has run since then, in milliseconds of `Date.now()`. */
export function logsSince(then: number): string {
  return [...programs]
    .filter(({ ended }) => ended >= then)
    .map(({ name, log, ended }) => {
      const lines = log().trimEnd().split('\n').slice(-LINES);
      const state = ended === Infinity ? '' : ', which has ended,';
      return lines.join('') === ''
        ? `${name}${state} has logged nothing.`
        : `${name}${state} logged last:\n${lines.join('\n')}`;
    })
    .join('\n\n');
}

export function forgetLogs(): void {
  programs.clear();
}
