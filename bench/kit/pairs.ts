import type { LoadGenerator, LoadOptions, LoadResult } from './load.js';
import { usageOf } from './process-usage.js';
import { median } from './statistics.js';

/** A server under load. */
export interface Side {
  readonly name: string;
  readonly load: LoadGenerator;
  /** The processes that serve. */
  readonly pids: readonly number[];
}

export interface Run extends LoadResult {
  readonly requestsPerSecond: number;
  /** Time of all processors for one request, in microseconds. */
  readonly cpuPerRequest: number;
  /** Resident memory of all processes, in MiB. */
  readonly memory: number;
}

export interface Comparison {
  readonly subject: Run;
  readonly baseline: Run;
  /** Requests per second, subject over baseline, of each pair. */
  readonly ratios: readonly number[];
  /** Their median, and how far they are apart. */
  readonly ratio: number;
  readonly spread: readonly [number, number];
}

/** How long each side is driven before it is measured, in seconds. */
const WARM_UP = 3;

async function once({ load, pids }: Side, options: LoadOptions): Promise<Run> {
  const cpu = () => pids.reduce((sum, pid) => sum + usageOf(pid).cpu, 0);
  const before = cpu();
  const result = await load.run(options);
  return {
    ...result,
    requestsPerSecond: result.requests / result.seconds,
    cpuPerRequest: ((cpu() - before) / result.requests) * 1e6,
    memory: pids.reduce((sum, pid) => sum + usageOf(pid).memory, 0) / 2 ** 20,
  };
}

/** Drives both in turn (A B A B …), so that what else the machine does hits both alike. */
export async function compare(
  subject: Side,
  baseline: Side,
  options: LoadOptions,
  pairs: number,
  progress: (line: string) => void,
): Promise<Comparison> {
  const seen: { subject: Run; baseline: Run }[] = [];
  const warmUp = { ...options, seconds: WARM_UP };
  await subject.load.run(warmUp);
  await baseline.load.run(warmUp);
  for (let pair = 1; pair <= pairs; pair++) {
    const a = await once(subject, options);
    const b = await once(baseline, options);
    for (const [side, run] of [[subject, a] as const, [baseline, b] as const]) {
      if (run.failed > 0) throw new Error(`${side.name}: ${run.failed} requests failed`);
    }
    seen.push({ subject: a, baseline: b });
    const rates = [a, b].map(({ requestsPerSecond }) => Math.round(requestsPerSecond).toLocaleString('en'));
    progress(`pair ${pair} of ${pairs}: ${subject.name} ${rates[0]}/s, ${baseline.name} ${rates[1]}/s`);
  }
  const ratios = seen.map((pair) => pair.subject.requestsPerSecond / pair.baseline.requestsPerSecond);
  return {
    subject: medians(seen.map((pair) => pair.subject)),
    baseline: medians(seen.map((pair) => pair.baseline)),
    ratios,
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

/** Each figure by itself. */
function medians(runs: readonly Run[]): Run {
  const [first] = runs;
  if (first === undefined) throw new Error('There are no runs.');
  return Object.fromEntries(
    (Object.keys(first) as (keyof Run)[]).map((key) => [key, median(runs.map((run) => run[key]))]),
  ) as unknown as Run;
}
