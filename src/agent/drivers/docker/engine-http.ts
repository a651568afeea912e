import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Dispatcher, errors, type Pool } from 'undici';
import { connectionsTo, type EngineAddress } from './engine-address.js';
import { EngineError } from './engine-error.js';

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** How long it may take until the answer begins, in milliseconds; 0 is for ever. */
  readonly timeoutMs?: number;
}

/** Creating and starting take long on a busy engine, and must not be given up half-way. */
const TIMEOUT_MS = 120_000;

/**
 * HTTP to a Docker engine, over its socket or TCP. Without a version in the path it answers by its own newest one; what is
 * used of it is the same in all of them.
 */
export class EngineHttp {
  private readonly pool: Pool;
  private readonly host: string;

  /** @throws Error where the address is not usable */
  constructor(address: EngineAddress) {
    this.pool = connectionsTo(address);
    this.host = address.host;
  }

  /** @returns undefined where there is no such thing @throws EngineError */
  async find<T>(request: EngineRequest): Promise<T | undefined> {
    try {
      return await this.json<T>(request);
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** @throws EngineError */
  async json<T>(request: EngineRequest): Promise<T> {
    const body = await this.exchange(request, (stream) => stream.text());
    try {
      return (body === '' ? undefined : JSON.parse(body)) as T;
    } catch (error) {
      throw new EngineError(0, `${this.host} does not answer as a Docker engine should.`, { cause: error });
    }
  }

  /**
   * Reads an answer that comes line by line, to its end.
   *
   * @param opened told when the engine has agreed to answer
   * @throws EngineError
   */
  lines<T>(request: EngineRequest, next: (line: T) => void, opened?: () => void): Promise<void> {
    return this.exchange(request, async (stream) => {
      opened?.();
      for await (const line of createInterface({ input: stream })) if (line.trim() !== '') next(JSON.parse(line) as T);
      if (stream.errored) throw stream.errored;
    });
  }

  /** @throws EngineError */
  stream<T>(request: EngineRequest, read: (stream: Readable) => Promise<T>): Promise<T> {
    return this.exchange(request, read);
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async exchange<T>(
    { method, path, query = {}, body, headers, signal, timeoutMs = TIMEOUT_MS }: EngineRequest,
    read: (stream: Dispatcher.ResponseData['body']) => Promise<T>,
  ): Promise<T> {
    try {
      const answer = await this.pool.request({
        method,
        path,
        query,
        signal,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        headers: { host: 'docker', ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (answer.statusCode < 400) return await read(answer.body);
      throw new EngineError(answer.statusCode, messageOf(await answer.body.text()));
    } catch (error) {
      if (error instanceof EngineError) throw error;
      if (signal?.aborted) throw signal.reason;
      const { message, code } = error as NodeJS.ErrnoException;
      const why = error instanceof errors.HeadersTimeoutError ? `no answer within ${timeoutMs} ms` : message || code;
      throw new EngineError(0, `The Docker engine at ${this.host} does not answer: ${why}`, { cause: error });
    }
  }
}

function messageOf(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message ?? body).trim();
  } catch {
    return body.trim().slice(0, 500);
  }
}
