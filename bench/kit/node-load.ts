import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { Agent, request as send } from 'node:http';
import type { GrpcRequest } from './h2load.js';
import type { LoadGenerator, LoadOptions, LoadResult } from './load.js';
import { quantile } from './statistics.js';
import type { RestRequest } from './wrk.js';

/** Sends again as soon as an answer is there, `concurrency` times side by side; at a rate, each waits for its turn. */
async function drive({ seconds, concurrency, rate }: LoadOptions, once: () => Promise<boolean>): Promise<LoadResult> {
  const latencies: number[] = [];
  let failed = 0;
  const end = performance.now() + seconds * 1000;
  const pause = rate === undefined ? 0 : (concurrency * 1000) / rate;
  const worker = async (at: number): Promise<void> => {
    for (let due = performance.now() + (pause * at) / concurrency; ; due += pause) {
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const started = performance.now();
      if (started >= end) return;
      const good = await once();
      if (good) latencies.push(performance.now() - started);
      else failed++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, at) => worker(at)));
  return {
    requests: latencies.length,
    failed,
    seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    p999: quantile(latencies, 0.999),
  };
}

/** grpc-js as the sender, in the process of the benchmark: slower than any server, so that differences look smaller. */
export class NodeGrpcLoad implements LoadGenerator {
  readonly name = 'grpc-js client';

  constructor(private readonly request: GrpcRequest) {}

  async run(options: LoadOptions): Promise<LoadResult> {
    const client = new Client(this.request.address, credentials.createInsecure());
    const message = Buffer.from(this.request.message);
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(this.request.headers ?? {})) metadata.set(name, value);
    const same = (bytes: Buffer) => bytes;
    try {
      return await drive(
        options,
        () =>
          new Promise((resolve) => {
            client.makeUnaryRequest(this.request.path, same, same, message, metadata, (error) =>
              resolve(error === null),
            );
          }),
      );
    } finally {
      client.close();
    }
  }
}

/** Node's own HTTP client, in the process of the benchmark. */
export class NodeHttpLoad implements LoadGenerator {
  readonly name = 'node:http client';

  constructor(private readonly request: RestRequest) {}

  async run(options: LoadOptions): Promise<LoadResult> {
    const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
    const { url, body, headers } = this.request;
    try {
      return await drive(
        options,
        () =>
          new Promise((resolve) => {
            const sent = send(
              url,
              { agent, method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
              (response) => response.resume().once('end', () => resolve(response.statusCode === 200)),
            );
            sent.once('error', () => resolve(false));
            sent.end(typeof body === 'string' ? body : body[Math.floor(Math.random() * body.length)]);
          }),
      );
    } finally {
      agent.destroy();
    }
  }
}
