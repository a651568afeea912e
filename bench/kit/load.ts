import { spawnSync } from 'node:child_process';

/** What one run of a load generator saw. */
export interface LoadResult {
  /** Requests answered in good order. */
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  /** Latencies in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface LoadOptions {
  readonly seconds: number;
  /** Requests under way at any time. */
  readonly concurrency: number;
  /** Requests per second to send at most; as many as are answered where it is not given. */
  readonly rate?: number;
}

/** Sends one kind of request again and again. */
export interface LoadGenerator {
  /** The program that sends. */
  readonly name: string;
  run(options: LoadOptions): Promise<LoadResult>;
}

/** Whether the program can be run here. */
export function installed(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}
