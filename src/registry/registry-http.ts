import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from 'undici';
import { FORBIDDEN_ADDRESS, guardedLookup, isPrivateHost, refusal, type Reach } from './address-guard.js';
import { RegistryError } from './registry-error.js';

export interface HttpLimits {
  /** For one exchange with all its repetitions, in milliseconds. */
  readonly timeoutMs: number;
  /** Of one answer, in bytes. */
  readonly maxBytes: number;
  /** How often a request is sent where the registry is busy or out of order. */
  readonly attempts: number;
}

export const HTTP_DEFAULTS: HttpLimits = { timeoutMs: 15_000, maxBytes: 4 * 1024 * 1024, attempts: 3 };

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The host that the operator has named: where it is in a private network, others it points to may be there too. */
  readonly home: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Where it was found in the end, after redirects. */
  readonly url: string;
  readonly body: string;
  header(name: string): string | undefined;
}

/** Loaded by the first request: it takes a good part of a start, and many installations have no registry to ask. */
const http = () => import('undici');

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const BUSY = new Set([429, 500, 502, 503, 504]);
const MAX_REDIRECTS = 5;
const FIRST_PAUSE_MS = 200;
/** A longer wait than this is left to whoever asks again. */
const MAX_PAUSE_MS = 2_000;

/**
 * HTTP as a registry client needs it: bounded in time and size, repeated where that may help, and careful about where an
 * answer sends it. Never follows from HTTPS to HTTP, from a public registry into a private network, or anywhere to a
 * link-local address, and shows credentials to no other origin than the one they were meant for.
 */
export class RegistryHttp {
  private readonly limits: HttpLimits;
  private agents?: Promise<Record<Reach, Agent>>;

  constructor(limits: Partial<HttpLimits> = {}) {
    this.limits = { ...HTTP_DEFAULTS, ...limits };
  }

  /**
   * @returns any answer below 500, but 429
   * @throws RegistryError `throttled`, `unavailable`
   */
  async send(message: HttpRequest): Promise<HttpAnswer> {
    const signal = AbortSignal.timeout(this.limits.timeoutMs);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.exchange(message, signal).catch((error: unknown) => failureOf(error, message));
      const failure = outcome instanceof RegistryError ? outcome : busy(outcome, message);
      if (failure === undefined) return outcome as HttpAnswer;
      const pause = failure.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      if (attempt >= this.limits.attempts || pause > MAX_PAUSE_MS) throw failure;
      await sleep(pause, undefined, { signal }).catch(() => {
        throw failure;
      });
    }
  }

  async close(): Promise<void> {
    const agents = Object.values((await this.agents) ?? {});
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  private async openAgents(): Promise<Record<Reach, Agent>> {
    const { Agent } = await http();
    const agent = (reach: Reach) =>
      new Agent({
        connect: { lookup: guardedLookup(reach), timeout: this.limits.timeoutMs },
        maxResponseSize: this.limits.maxBytes,
        keepAliveTimeout: 10_000,
      });
    return { private: agent('private'), public: agent('public') };
  }

  private async exchange(message: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { request } = await http();
    const agents = await (this.agents ??= this.openAgents());
    let url = new URL(message.url);
    let headers = message.headers ?? {};
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const dispatcher = agents[await reachOf(url, message.home)];
      const {
        statusCode,
        headers: received,
        body,
      } = await request(url, {
        method: message.method,
        headers: { 'user-agent': 'berth', ...headers },
        body: message.body,
        dispatcher,
        signal,
        headersTimeout: this.limits.timeoutMs,
        bodyTimeout: this.limits.timeoutMs,
      });
      const header = (name: string): string | undefined => {
        const value = received[name];
        return Array.isArray(value) ? value.join(', ') : value;
      };
      const location = header('location');
      if (!REDIRECTS.has(statusCode) || location === undefined) {
        return { status: statusCode, url: url.href, body: await body.text(), header };
      }
      await body.dump();
      const next = new URL(location, url);
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw new RegistryError('forbidden', `${url.host} redirects to ${next.protocol}//${next.host}: not followed.`);
      }
      if (next.origin !== url.origin) headers = withoutCredentials(headers);
      url = next;
    }
    throw new RegistryError('unavailable', `${url.host} redirects more than ${MAX_REDIRECTS} times.`);
  }
}

/** @throws RegistryError where the address may not be asked at all */
async function reachOf(url: URL, home: string): Promise<Reach> {
  const reach = url.host === home || (await isPrivateHost(new URL(`http://${home}`).hostname)) ? 'private' : 'public';
  // Sockets look up names, and not what is an address already.
  const reason = refusal(url.hostname.replace(/^\[|\]$/g, ''), reach);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(url, `${url.protocol} is not HTTP`);
  if (reason !== undefined) throw refused(url, reason);
  return reach;
}

const refused = (url: URL, reason: string): RegistryError =>
  new RegistryError('forbidden', `${url.host} must not be connected to: ${reason}.`);

const withoutCredentials = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)));

function busy({ status, header }: HttpAnswer, { url }: HttpRequest): RegistryError | undefined {
  if (!BUSY.has(status)) return undefined;
  const { host } = new URL(url);
  const wait = retryAfter(header('retry-after'));
  const later = wait === undefined ? '' : ` It may be asked again in ${Math.ceil(wait / 1_000)} s.`;
  if (status === 429) return new RegistryError('throttled', `${host} answers 429: too many requests.${later}`, wait);
  return new RegistryError('unavailable', `${host} answers ${status}.${later}`, wait);
}

/** In seconds or as a date. @returns milliseconds */
export function retryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const wait = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** @throws RegistryError where repeating it would not help */
function failureOf(error: unknown, { url }: HttpRequest): RegistryError {
  if (error instanceof RegistryError) throw error;
  const { name, message, code } = error as NodeJS.ErrnoException;
  if (code === FORBIDDEN_ADDRESS) return new RegistryError('forbidden', `${message}.`, undefined, { cause: error });
  const failure = (reason: string): RegistryError =>
    new RegistryError('unavailable', `${new URL(url).host} does not answer: ${reason}.`, undefined, { cause: error });
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') throw failure('its answer is too long');
  return failure(name === 'TimeoutError' ? 'no answer in time' : message || (code ?? name));
}
