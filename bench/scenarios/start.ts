import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/package-root.js';
import { endProgram, startProgram } from '../../test/support/program.js';
import { type ProcessUsage, usageOf } from '../kit/process-usage.js';
import type { Row, Scenario } from '../kit/scenario.js';
import { median } from '../kit/statistics.js';

const MEBIBYTE = 1024 * 1024;
/** Of the processor time of the bare application. */
const GOAL_RATIO = 1;
/** In MiB. */
const GOAL_MEMORY = 110;

const berth = join(packageRoot, 'dist/programs/server.cjs');
const bare = join(import.meta.dirname, '../baselines/nest-application.js');
const scriptCounter = join(import.meta.dirname, '../kit/count-scripts.js');

interface Start extends ProcessUsage {
  /** Until it was ready, in milliseconds. */
  readonly wall: number;
}

/** Runs the program with an empty data folder until it is ready, and hands over its process. */
async function started<T>(
  script: string,
  options: string[],
  use: (pid: number, errors: () => string) => T,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-bench-'));
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    NODE_OPTIONS: options.join(' '),
    BERTH_DATA_DIR: directory,
    BERTH_GRPC_PORT: '0',
    BERTH_HTTP_PORT: '0',
    BERTH_REPOSITORY_PORT: '0',
    BERTH_LOG_LEVEL: 'warn',
  };
  const program = await startProgram(script, [], { env });
  try {
    return use(program.child.pid ?? 0, () => program.errors());
  } finally {
    await endProgram(program, options.length > 0 ? 'SIGTERM' : 'SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(script: string): Promise<Start> {
  const begin = performance.now();
  return started(script, [], (pid) => ({ ...usageOf(pid), wall: performance.now() - begin }));
}

/** Files of code that the program loads until it is ready. */
async function scriptsOf(script: string): Promise<number> {
  const errors = await started(script, [`--import=${scriptCounter}`], (_, read) => read);
  return Number(/scripts: (\d+)/.exec(errors())?.[1] ?? NaN);
}

const inMilliseconds = (starts: readonly Start[]) => median(starts.map(({ cpu }) => cpu * 1000)).toFixed(0);
const wallOf = (starts: readonly Start[]) => median(starts.map(({ wall }) => wall)).toFixed(0);
const memoryOf = (starts: readonly Start[]) => median(starts.map(({ memory }) => memory / MEBIBYTE));

export const start: Scenario = {
  name: 'start',
  title: 'npm start with no data until it is ready, and a bare NestJS application with the same two servers',
  async run({ pairs, progress }) {
    const subject: Start[] = [];
    const baseline: Start[] = [];
    for (let pair = 1; pair <= pairs; pair++) {
      subject.push(await measure(berth));
      baseline.push(await measure(bare));
      progress(
        `Berth ${subject.at(-1)?.cpu.toFixed(2)} s, bare ${baseline.at(-1)?.cpu.toFixed(2)} s of processor time`,
      );
    }
    const ratios = subject.map(({ cpu }, at) => cpu / (baseline[at]?.cpu ?? NaN));
    const ratio = median(ratios);
    const memory = memoryOf(subject);
    const scripts = { subject: await scriptsOf(berth), baseline: await scriptsOf(bare) };
    const data = { subject, baseline, ratios, scripts };
    const rows: Row[] = [
      {
        scenario: this.name,
        what: 'processor time until ready, over a bare NestJS application',
        figure: ratio.toFixed(2),
        details:
          `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}; ` +
          `${inMilliseconds(subject)} and ${inMilliseconds(baseline)} ms; until ready ${wallOf(subject)} and ` +
          `${wallOf(baseline)} ms; ${scripts.subject} and ${scripts.baseline} files of code; ${pairs} pairs`,
        goal: `<= ${GOAL_RATIO}`,
        met: ratio <= GOAL_RATIO,
        data,
      },
      {
        scenario: this.name,
        what: 'resident memory when ready, before the first call',
        figure: `${memory.toFixed(0)} MiB`,
        details: `bare ${memoryOf(baseline).toFixed(0)} MiB`,
        goal: `<= ${GOAL_MEMORY} MiB`,
        met: memory <= GOAL_MEMORY,
        data,
      },
    ];
    return rows;
  },
};
