import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { frameOf } from '../../src/server/direct/grpc-frame.js';
import type { LoadGenerator, LoadOptions, LoadResult } from './load.js';
import { quantile } from './statistics.js';

const CONNECTIONS = 4;

export interface GrpcRequest {
  /** `host:port` */
  readonly address: string;
  /** `/package.Service/method` */
  readonly path: string;
  /** The encoded message. */
  readonly message: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** nghttp2's load generator, sending a gRPC request. It sees HTTP statuses, not those of gRPC: try the call first. */
export class H2Load implements LoadGenerator {
  readonly name = 'h2load';

  constructor(private readonly request: GrpcRequest) {}

  async run({ seconds, concurrency, rate }: LoadOptions): Promise<LoadResult> {
    const directory = mkdtempSync(join(tmpdir(), 'berth-bench-'));
    try {
      const body = join(directory, 'body');
      const log = join(directory, 'log');
      writeFileSync(body, frameOf(this.request.message));
      const headers = { 'content-type': 'application/grpc', te: 'trailers', ...this.request.headers };
      await promisify(execFile)('h2load', [
        ...['--duration', `${seconds}`],
        ...['--clients', `${CONNECTIONS}`, '--max-concurrent-streams', `${Math.ceil(concurrency / CONNECTIONS)}`],
        ...(rate === undefined ? [] : ['--rps', `${rate / CONNECTIONS}`]),
        ...['--data', body, '--log-file', log],
        ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
        `http://${this.request.address}${this.request.path}`,
      ]);
      return readLog(readFileSync(log, 'utf8'), seconds);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

/** Its log has a line for each request: when it began, the HTTP status, and the latency, both times in microseconds. */
function readLog(log: string, seconds: number): LoadResult {
  const latencies: number[] = [];
  let failed = 0;
  for (const line of log.split('\n')) {
    if (line === '') continue;
    const [, httpStatus, microseconds] = line.split('\t');
    if (httpStatus === '200') latencies.push(Number(microseconds) / 1000);
    else failed++;
  }
  return {
    requests: latencies.length,
    failed,
    seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    p999: quantile(latencies, 0.999),
  };
}
