import type { LoadGenerator, LoadOptions, LoadResult } from './load.js';
import { usageOf } from './process-usage.js';
import type { Settings } from './scenario.js';
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

/** One run of each. */
interface Pair {
  readonly subject: Run;
  readonly baseline: Run;
}

export interface Comparison extends Pair {
  /** Requests per second, subject over baseline, of each pair. */
  readonly ratios: readonly number[];
  /** Their median, and how far they are apart. */
  readonly ratio: number;
  readonly spread: readonly [number, number];
  /** How often both were started anew. */
  readonly processes: number;
}

/** Whatever was started for a comparison. */
interface Stoppable {
  stop(): Promise<unknown>;
}

/** Starts what is compared; `keep` has it stopped when it was measured, or not all of it could be started. */
export type Start = (keep: <T extends Stoppable>(started: T) => T) => Promise<readonly [subject: Side, baseline: Side]>;

/** Requests under way at any time. */
const CONCURRENCY = 32;

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

/**
 * Drives both in turn (A B B A …), so that what else the machine does hits both alike. They are started anew several
 * times: one process of a program is faster than another of the same, for as long as it runs.
 *
 * @param rate requests per second; as fast as they are answered, where there is none
 */
export async function compare(
  { pairs, seconds, processes, progress }: Settings,
  start: Start,
  rate?: number,
): Promise<Comparison> {
  const seen: Pair[] = [];
  for (let process = 1; process <= processes; process++) {
    if (processes > 1) progress(`processes ${process} of ${processes}`);
    const started: Stoppable[] = [];
    try {
      const sides = await start((some) => {
        started.unshift(some);
        return some;
      });
      const options = { seconds, concurrency: CONCURRENCY, ...(rate !== undefined && { rate }) };
      for (const side of sides) await side.load.run({ ...options, seconds: WARM_UP });
      for (const due = Math.ceil((pairs * process) / processes); seen.length < due;) {
        const pair = await inTurn(...sides, options, seen.length % 2 === 1);
        seen.push(pair);
        const rates = [pair.subject, pair.baseline].map((run) =>
          Math.round(run.requestsPerSecond).toLocaleString('en'),
        );
        const names = sides.map(({ name }) => name);
        progress(`pair ${seen.length} of ${pairs}: ${names[0]} ${rates[0]}/s, ${names[1]} ${rates[1]}/s`);
      }
    } finally {
      for (const some of started) await some.stop();
    }
  }
  const ratios = seen.map((pair) => pair.subject.requestsPerSecond / pair.baseline.requestsPerSecond);
  return {
    subject: medians(seen.map((pair) => pair.subject)),
    baseline: medians(seen.map((pair) => pair.baseline)),
    ratios,
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    processes,
  };
}

async function inTurn(subject: Side, baseline: Side, options: LoadOptions, turned: boolean): Promise<Pair> {
  const runs = new Map<Side, Run>();
  for (const side of turned ? [baseline, subject] : [subject, baseline]) {
    const run = await once(side, options);
    if (run.failed > 0) throw new Error(`${side.name}: ${run.failed} requests failed`);
    runs.set(side, run);
  }
  return { subject: runs.get(subject) as Run, baseline: runs.get(baseline) as Run };
}

/** Each figure by itself. */
function medians(runs: readonly Run[]): Run {
  const [first] = runs;
  if (first === undefined) throw new Error('There are no runs.');
  return Object.fromEntries(
    (Object.keys(first) as (keyof Run)[]).map((key) => [key, median(runs.map((run) => run[key]))]),
  ) as unknown as Run;
}
