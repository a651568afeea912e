import { readFileSync } from 'node:fs';

/** Ticks of the kernel's accounts in a second, on every Linux of today. */
const TICKS = 100;

/** Processor time in seconds of this process and of the children that it has waited for; elsewhere than on Linux of itself alone. */
export function cpuSeconds(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // After the name, which may hold spaces: state, …, then as 12th to 15th utime, stime, cutime, cstime.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
}
