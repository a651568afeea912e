import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process under this one, the youngest generation last. */
export function descendants(of: number = process.pid): Process[] {
  const table = process.platform === 'linux' ? fromProc() : fromPs();
  const found: Process[] = [];
  for (let parents = [of]; parents.length > 0;) {
    const children = table.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map(({ pid }) => pid);
  }
  return found;
}

/** Those that still run; a number that another program got meanwhile does not count. */
export function stillRunning(processes: readonly Process[]): Process[] {
  const table = process.platform === 'linux' ? fromProc() : fromPs();
  return processes.filter(({ pid, command }) => table.some((one) => one.pid === pid && one.command === command));
}

function fromProc(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${Number(name)}/stat`, 'latin1');
      // The name in brackets may hold anything; what follows the last bracket are plain fields.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      // No process, or one that has just ended.
      return [];
    }
  });
}

function fromPs(): Process[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const [, pid, parent, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    // `ps` is a child of ours, too.
    if (state === undefined || state.startsWith('Z') || command.startsWith('ps ')) return [];
    return [{ pid: Number(pid), parent: Number(parent), command: command.trim() }];
  });
}
