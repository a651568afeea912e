import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { KubeConnection } from './kube-connection.js';
import { KubeError } from './kube-error.js';
import { TimeLimit } from '../../../common/time-limit.js';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface KubeRequest {
  readonly method: 'GET' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** One line of a watch. */
export interface WatchEvent<T> {
  readonly type: string;
  readonly object: T;
}

/**
 * One exchange with an API server at a time: with a time limit, an answer or a {@link KubeError}, and watches that notice
 * a server which has gone silent. The client library reads a watch without any limit, and hides the answer to a refused
 * one; a driver that lives off watches needs both.
 */
export class KubeHttp {
  constructor(
    private readonly connection: Pick<KubeConnection, 'send'>,
    private readonly timeoutMs: number,
  ) {}

  /** @returns the body as text @throws KubeError */
  async text(request: KubeRequest): Promise<string> {
    using limit = new TimeLimit(this.timeoutMs, request.signal);
    try {
      const response = await this.send(request, limit.signal);
      return await text(response);
    } catch (error) {
      throw failureOf(error, request, limit.over ? `no answer within ${this.timeoutMs} ms` : undefined);
    }
  }

  /** @throws KubeError */
  async json<T>(request: KubeRequest): Promise<T> {
    const body = await this.text(request);
    try {
      return JSON.parse(body) as T;
    } catch (error) {
      throw new KubeError(
        0,
        'Unreadable',
        `The API server does not answer with JSON. (path = ${request.path})`,
        undefined,
        {
          cause: error,
        },
      );
    }
  }

  /**
   * Reads a watch to its end, which the server sets.
   *
   * @param silenceMs without a byte for this long, the connection counts as dead
   * @throws KubeError also where the server tells of an error within the watch
   */
  async watch<T>(request: KubeRequest, silenceMs: number, next: (event: WatchEvent<T>) => void): Promise<void> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), silenceMs);
    const signal = request.signal ? AbortSignal.any([request.signal, silence.signal]) : silence.signal;
    try {
      const response = await this.send(request, signal);
      for await (const line of createInterface({ input: response })) {
        timer.refresh();
        if (line.trim() === '') continue;
        const event = JSON.parse(line) as WatchEvent<T>;
        if (event.type === 'ERROR') throw statusError(event.object as Status, 500);
        next(event);
      }
      // A line reader ends quietly with a stream that was cut.
      if (!response.complete) throw new KubeError(0, 'Cut', 'The connection of a watch was cut.');
    } catch (error) {
      throw failureOf(error, request, silence.signal.aborted ? `silent for ${silenceMs} ms` : undefined);
    } finally {
      clearTimeout(timer);
    }
  }

  private async send(
    { method, path, query = {}, body, contentType }: KubeRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const search = new URLSearchParams(given as [string, string][]).toString();
    const response = await this.connection.send(method, search === '' ? path : `${path}?${search}`, {
      signal,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': contentType ?? 'application/json' },
      }),
    });
    const { statusCode = 0, headers } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    throw statusError(readStatus(await text(response)), statusCode, headers['retry-after']);
  }
}

interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

function readStatus(body: string): Status {
  try {
    return JSON.parse(body) as Status;
  } catch {
    return { message: body.slice(0, 500) };
  }
}

function statusError(status: Status, fallback: number, retryAfter?: string): KubeError {
  const { code = fallback, reason = '', message = '', details } = status;
  const seconds =
    retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : details?.retryAfterSeconds;
  return new KubeError(code, reason, message, seconds === undefined ? undefined : seconds * 1_000);
}

function failureOf(error: unknown, { path, signal }: KubeRequest, reason?: string): unknown {
  if (error instanceof KubeError) return error;
  if (signal?.aborted) return signal.reason;
  const { message, code } = error as NodeJS.ErrnoException;
  return new KubeError(
    0,
    'Unreachable',
    `The API server does not answer: ${reason ?? (message || code)}. (path = ${path})`,
    undefined,
    {
      cause: error,
    },
  );
}
