import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LoadGenerator, LoadOptions, LoadResult } from './load.js';

export interface RestRequest {
  readonly url: string;
  /** One to send always, or several of which each request takes one at random; of one line each. */
  readonly body: string | readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Prints one line that {@link readLine} reads; latencies are in microseconds. */
const report = `
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, e.connect + e.read + e.write + e.status + e.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
`;

/** Each request with another body: the lines of a file. They are put together before: to do it for each takes as long as sending it. */
const atRandom = (file: string) => `
local requests = {}
init = function()
  for line in io.lines(${JSON.stringify(file)}) do requests[#requests + 1] = wrk.format(nil, nil, nil, line) end
end
request = function() return requests[math.random(#requests)] end
`;

/** wrk, posting JSON. It knows no rates: it always sends as fast as it is answered. */
export class Wrk implements LoadGenerator {
  readonly name = 'wrk';

  constructor(private readonly request: RestRequest) {}

  async run({ seconds, concurrency }: LoadOptions): Promise<LoadResult> {
    const directory = mkdtempSync(join(tmpdir(), 'berth-bench-'));
    try {
      const script = join(directory, 'post.lua');
      const headers = { 'content-type': 'application/json', ...this.request.headers };
      const lines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = ${JSON.stringify(value)}`);
      writeFileSync(script, `wrk.method = "POST"\n${lines.join('\n')}\n${this.bodies(directory)}\n${report}`);
      const { stdout } = await promisify(execFile)('wrk', [
        ...['--threads', '1', '--connections', `${concurrency}`, '--duration', `${seconds}s`, '--script', script],
        this.request.url,
      ]);
      return readLine(stdout);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  private bodies(directory: string): string {
    const { body } = this.request;
    if (typeof body === 'string') return `wrk.body = ${JSON.stringify(body)}`;
    const file = join(directory, 'bodies');
    writeFileSync(file, body.join('\n'));
    return atRandom(file);
  }
}

function readLine(output: string): LoadResult {
  const numbers = (/^RESULT (.*)$/m.exec(output)?.[1] ?? '').split(' ').map(Number);
  const [requests = NaN, failed = NaN, duration = NaN, p50 = NaN, p99 = NaN, p999 = NaN] = numbers;
  if (numbers.length !== 6) throw new Error(`wrk printed no result:\n${output}`);
  return {
    requests: requests - failed,
    failed,
    seconds: duration / 1e6,
    p50: p50 / 1000,
    p99: p99 / 1000,
    p999: p999 / 1000,
  };
}
