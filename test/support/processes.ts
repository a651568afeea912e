import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes that were started with this text in their environment: those of one test's agent. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
      } catch {
        // Ended meanwhile, or somebody else's.
        return false;
      }
    });
}

/** Id of the process that listens on the port of the endpoint. */
export function processAt(endpoint: string): number {
  const port = Number(new URL(endpoint.replace('grpc:', 'http:')).port);
  const found = processesWith(`PORT=${port}\0`);
  const [pid] = found;
  if (pid === undefined || found.length > 1) throw new Error(`${found.length} processes serve ${endpoint}`);
  return pid;
}

/** Ids of the children of a process that have this text in their command line. */
export function childrenOf(parent: number | undefined, text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const found = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return Number(found) === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

/**
 * Sends the signal to the only process of these, and answers with its id. To signal process 0, which stands for a process that
 * was not found, would be to signal the test run itself.
 */
export function signalOnly(processes: readonly number[], name: NodeJS.Signals): number {
  const [pid] = processes;
  if (pid === undefined || processes.length > 1) throw new Error(`${processes.length} processes run instead of one.`);
  process.kill(pid, name);
  return pid;
}

/** Id of one of them. */
export function childOf(parent: number | undefined, text: string): number {
  const [pid] = childrenOf(parent, text);
  // A signal to nobody would be one to the tests themselves.
  if (pid === undefined) throw new Error(`Process ${parent} has no child ${text}`);
  return pid;
}
