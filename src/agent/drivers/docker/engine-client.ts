import { EngineError } from './engine-error.js';
import { EngineHttp } from './engine-http.js';
import type {
  Container,
  ContainerBody,
  ContainerEvent,
  ContainerSummary,
  EngineInfo,
  Image,
  PullLine,
} from './engine-types.js';
import { readLog } from './log-stream.js';

const QUICK_MS = 10_000;

/** The requests that a driver makes of a Docker engine. All throw {@link EngineError}. */
export class EngineClient {
  constructor(private readonly http: EngineHttp) {}

  /** Status 409 where the name is taken. */
  async create(name: string, body: ContainerBody): Promise<void> {
    await this.http.json({ method: 'POST', path: '/containers/create', query: { name }, body });
  }

  async start(id: string): Promise<void> {
    await this.http.json({ method: 'POST', path: `${container(id)}/start` });
  }

  /** @param id or name @returns undefined where there is none */
  inspect(id: string): Promise<Container | undefined> {
    return this.http.find({ method: 'GET', path: `${container(id)}/json`, timeoutMs: QUICK_MS });
  }

  /** Those that carry the label, also when they do not run. */
  list(label: string): Promise<readonly ContainerSummary[]> {
    const query = { all: true, filters: JSON.stringify({ label: [label] }) };
    return this.http.json({ method: 'GET', path: '/containers/json', query, timeoutMs: QUICK_MS });
  }

  /** One that does not run is left alone. */
  async signal(id: string, signal: string): Promise<void> {
    try {
      await this.http.find({ method: 'POST', path: `${container(id)}/kill`, query: { signal } });
    } catch (error) {
      if (!(error instanceof EngineError && error.status === 409)) throw error;
    }
  }

  /** Resolves when it does not run any more, or is gone altogether. */
  async untilOver(
    id: string,
    signal?: AbortSignal,
    condition: 'not-running' | 'removed' = 'not-running',
  ): Promise<void> {
    await this.http.find({ method: 'POST', path: `${container(id)}/wait`, query: { condition }, signal, timeoutMs: 0 });
  }

  /** Whether it runs or not, with what it has written. One that is gone is no error. */
  async remove(id: string): Promise<void> {
    try {
      await this.http.find({ method: 'DELETE', path: container(id), query: { force: true, v: true } });
    } catch (error) {
      // Somebody else is at it.
      if (!(error instanceof EngineError && error.status === 409)) throw error;
      await this.untilOver(id, AbortSignal.timeout(QUICK_MS), 'removed');
    }
  }

  /** The end of what it has printed. */
  logs(id: string, maxBytes: number): Promise<string> {
    const query = { stdout: true, stderr: true, tail: 1_000 };
    const request = { method: 'GET', path: `${container(id)}/logs`, query, timeoutMs: QUICK_MS } as const;
    return this.http.stream(request, (stream) => readLog(stream, maxBytes));
  }

  /** @returns undefined where the engine does not have it */
  image(name: string): Promise<Image | undefined> {
    return this.http.find({ method: 'GET', path: `/images/${name}/json`, timeoutMs: QUICK_MS });
  }

  /**
   * Fetches an image; ends early when the signal aborts.
   *
   * @param tag or digest
   * @param login as `X-Registry-Auth` wants it
   */
  async pull(
    image: { readonly name: string; readonly tag: string },
    login: object | undefined,
    progress: (line: PullLine) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const headers = login && { 'x-registry-auth': Buffer.from(JSON.stringify(login)).toString('base64url') };
    const query = { fromImage: image.name, tag: image.tag };
    const request = { method: 'POST', path: '/images/create', query, headers, signal, timeoutMs: 0 } as const;
    await this.http.lines<PullLine>(request, (line) => {
      if (line.error !== undefined) throw new EngineError(500, line.error);
      progress(line);
    });
  }

  /** Tells of containers with the label, from what the engine remembers on, until the signal aborts or it ends. */
  events(label: string, actions: readonly string[], follow: EventFollower, signal: AbortSignal): Promise<void> {
    const filters = JSON.stringify({ type: ['container'], label: [label], event: actions });
    // It begins with what it remembers: nothing falls between the answer and the moment from which it listens.
    const query = { since: 1, filters };
    const request = { method: 'GET', path: '/events', query, signal, timeoutMs: 0 } as const;
    return this.http.lines<ContainerEvent>(
      request,
      (event) => follow.next(event),
      () => follow.opened(),
    );
  }

  info(): Promise<EngineInfo> {
    return this.http.json({ method: 'GET', path: '/info' });
  }

  close(): Promise<void> {
    return this.http.close();
  }
}

export interface EventFollower {
  opened(): void;
  next(event: ContainerEvent): void;
}

const container = (id: string): string => `/containers/${encodeURIComponent(id)}`;
