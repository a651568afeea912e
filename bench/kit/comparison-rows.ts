import type { Comparison, Run } from './pairs.js';
import type { Row } from './scenario.js';

export interface Goals {
  /** What the ratio of requests per second shall be at least. */
  readonly ratio?: number;
}

const told = (run: Run) =>
  `${Math.round(run.requestsPerSecond).toLocaleString('en')}/s, p50 ${run.p50.toFixed(2)} p99 ${run.p99.toFixed(2)} ` +
  `p999 ${run.p999.toFixed(2)} ms, ${run.cpuPerRequest.toFixed(0)} µs CPU, ${run.memory.toFixed(0)} MiB`;

/** A comparison as rows: the ratio, and what each side did. */
export function comparisonRows(
  scenario: string,
  names: readonly [string, string],
  { subject, baseline, ratio, ratios, spread, processes }: Comparison,
  goals: Goals,
): Row[] {
  const [least, most] = spread.map((value) => value.toFixed(2));
  return [
    {
      scenario,
      what: `${names[0]} over ${names[1]}`,
      figure: ratio.toFixed(2),
      details: `${ratios.length} pairs with ${processes} processes, ${least} to ${most}`,
      goal: goals.ratio === undefined ? '' : `>= ${goals.ratio}`,
      ...(goals.ratio === undefined ? {} : { met: ratio >= goals.ratio }),
      data: { ratio, ratios },
    },
    { scenario, what: names[0], figure: '', details: told(subject), goal: '', data: { ...subject } },
    { scenario, what: names[1], figure: '', details: told(baseline), goal: '', data: { ...baseline } },
  ];
}
