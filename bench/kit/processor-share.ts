import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Short, so that a process that has used up its share waits for milliseconds. */
const PERIOD_US = 20_000;

/** Control groups of the kernel, of either version: where they are, and which files hold the share. */
interface Version {
  readonly root: string;
  readonly limits: (quotaUs: number) => readonly (readonly [file: string, value: string])[];
}

const V1: Version = {
  root: '/sys/fs/cgroup/cpu',
  limits: (quotaUs) => [
    ['cpu.cfs_period_us', String(PERIOD_US)],
    ['cpu.cfs_quota_us', String(quotaUs)],
  ],
};

const V2: Version = { root: '/sys/fs/cgroup', limits: (quotaUs) => [['cpu.max', `${quotaUs} ${PERIOD_US}`]] };

function version(): Version | undefined {
  if (existsSync(join(V1.root, 'cpu.shares'))) return V1;
  const passedOn = join(V2.root, 'cgroup.subtree_control');
  return existsSync(passedOn) && readFileSync(passedOn, 'utf8').split(/\s/).includes('cpu') ? V2 : undefined;
}

/** @returns why processes cannot be held to a share here; empty where they can */
export function missingForShares(): string {
  if (process.getuid?.() !== 0) return 'only root can do that';
  return version() === undefined ? 'the kernel has no control groups for processors' : '';
}

/** A process that gets no more than its share of one processor. */
export class ProcessorShare {
  private constructor(
    private readonly pid: number,
    private readonly root: string,
    private readonly group: string,
  ) {}

  /** @param share of one processor, 0 to 1 */
  static hold(pid: number, share: number): ProcessorShare {
    const found = version();
    if (found === undefined) throw new Error(missingForShares());
    const held = new ProcessorShare(pid, found.root, mkdtempSync(join(found.root, 'berth-bench-')));
    for (const [file, value] of found.limits(share * PERIOD_US)) writeFileSync(join(held.group, file), value);
    writeFileSync(join(held.group, 'cgroup.procs'), String(pid));
    return held;
  }

  /** Lets it go. */
  async stop(): Promise<void> {
    try {
      writeFileSync(join(this.root, 'cgroup.procs'), String(this.pid));
    } catch (error) {
      // It has ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    rmdirSync(this.group);
  }
}
