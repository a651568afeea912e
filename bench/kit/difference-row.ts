import type { Row } from './scenario.js';
import { median } from './statistics.js';

interface Difference {
  readonly scenario: string;
  readonly what: string;
  /** What each side took, in milliseconds, pair by pair. */
  readonly subject: readonly number[];
  readonly baseline: readonly number[];
  /** What the subject may take more, in milliseconds. */
  readonly goal: number;
}

/** What the subject takes longer than the baseline: the median of the pairs. */
export function differenceRow({ scenario, what, subject, baseline, goal }: Difference): Row {
  const differences = subject.map((ms, at) => ms - (baseline[at] ?? NaN));
  const added = median(differences);
  const [least, most] = [Math.min(...differences), Math.max(...differences)].map((ms) => ms.toFixed(0));
  return {
    scenario,
    what,
    figure: `${added >= 0 ? '+' : ''}${added.toFixed(0)} ms`,
    details:
      `Berth ${median(subject).toFixed(0)} ms, directly ${median(baseline).toFixed(0)} ms; ` +
      `${subject.length} pairs, ${least} to ${most}`,
    goal: `<= +${goal} ms`,
    met: added <= goal,
    data: { added, subject, baseline },
  };
}
