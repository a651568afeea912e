import { join } from 'node:path';
import { endProgram, startProgram } from '../../test/support/program.js';

export interface Baseline {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts one of `bench/baselines/` in a process of its own. */
export async function startBaseline(name: 'grpc-constant' | 'http-constant'): Promise<Baseline> {
  const program = await startProgram(join(import.meta.dirname, `../baselines/${name}.js`), [], {});
  return {
    port: Number(program.line),
    pid: program.child.pid ?? 0,
    stop: async () => {
      await endProgram(program);
    },
  };
}
