import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { matches, type ObjectStore, type Stored, timestamp } from './object-store.js';

const KIND_OF: Record<string, string> = {
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  pods: 'Pod',
  services: 'Service',
  secrets: 'Secret',
  events: 'Event',
  endpointslices: 'EndpointSlice',
};

export interface ApiRequest {
  readonly method: string;
  readonly kind: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** True when it has answered. */
export type Intercept = (request: ApiRequest, response: ServerResponse) => boolean;

/** The API of Kubernetes on HTTP, as far as a driver uses it: apply, merge, get, list in pages, watch, delete, logs. */
export class ApiServer {
  readonly server = createServer((request, response) => {
    this.handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  /** All that was asked, in its order. */
  readonly requests: ApiRequest[] = [];
  intercept: Intercept = () => false;
  /** Told of a deletion; the seconds are undefined where none were named. */
  onDelete: (object: Stored, graceSeconds?: number) => void = (object) =>
    this.store.remove(object.kind, object.metadata.name);
  /** What is wrong with an object that is applied. */
  invalid: (object: unknown) => readonly string[] = () => [];
  /** Completes an object that is new, as admission does. */
  admit: (kind: string, object: object) => object = (_, object) => object;
  logsOf: (pod: string, previous: boolean) => string | undefined = () => undefined;
  /** Within a watch (an event of type ERROR), or as the answer to it. */
  expiredAs: 'event' | 'status' = 'event';
  pageSize = 500;
  private readonly watches = new Set<ServerResponse>();

  constructor(
    readonly store: ObjectStore,
    readonly namespace: string,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get watchCount(): number {
    return this.watches.size;
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Cuts every watch in the middle, without a word. */
  cutWatches(): void {
    for (const watch of this.watches) watch.socket?.destroy();
  }

  /** The next so many requests that the filter lets through are answered with this. */
  failNext(times: number, code: number, filter: (request: ApiRequest) => boolean = () => true, headers = {}): void {
    let left = times;
    this.intercept = (request, response) => {
      if (left <= 0 || !filter(request)) return false;
      left -= 1;
      refuse(response, code, `scripted ${code}`, headers);
      return true;
    };
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', this.url);
    const path = /^\/apis?\/(?:[\w.]+\/)?v1\/namespaces\/([^/]+)\/(\w+)(?:\/([^/]+))?(?:\/(\w+))?$/.exec(url.pathname);
    const body = await text(incoming);
    const [, namespace, plural = '', name, subresource] = path ?? [];
    const kind = KIND_OF[plural];
    if (kind === undefined) return refuse(response, 404, `no such resource: ${url.pathname}`);
    const request: ApiRequest = {
      method: incoming.method ?? '',
      kind,
      name,
      subresource,
      query: url.searchParams,
      headers: incoming.headers,
      body: body === '' ? undefined : JSON.parse(body),
    };
    this.requests.push(request);
    if (this.intercept(request, response)) return;
    if (namespace !== this.namespace) return refuse(response, 403, `namespace ${namespace} is forbidden`);
    if (request.method === 'PATCH') return this.patch(request, response);
    if (request.method === 'DELETE') return this.delete(request, response);
    if (subresource === 'log') return this.log(request, response);
    if (name !== undefined) return this.read(request, response);
    if (request.query.get('watch') === 'true') return this.watch(request, response);
    return this.list(request, response);
  }

  private patch({ kind, name = '', query, headers, body }: ApiRequest, response: ServerResponse): void {
    const manager = query.get('fieldManager');
    const apply = headers['content-type'] === 'application/apply-patch+yaml';
    if (apply && !manager) return refuse(response, 400, 'fieldManager is required for apply');
    const [error] = apply ? this.invalid(body) : [];
    if (error !== undefined) return refuse(response, 422, error);
    if (this.store.get(kind, name)?.metadata.deletionTimestamp) return refuse(response, 409, 'object is being deleted');
    if (!apply && !this.store.get(kind, name)) return refuse(response, 404, `${name} not found`);
    const patch = this.store.get(kind, name) ? (body as object) : this.admit(kind, body as object);
    send(response, this.store.put(kind, name, patch, apply ? (manager ?? '') : undefined));
  }

  private delete({ kind, name, query, body }: ApiRequest, response: ServerResponse): void {
    const { gracePeriodSeconds } = (body ?? {}) as { gracePeriodSeconds?: number };
    const selector = query.get('labelSelector') ?? '';
    const chosen = this.store
      .list(kind, selector)
      .filter(({ metadata }) => name === undefined || metadata.name === name);
    for (const object of chosen) this.onDelete(object, gracePeriodSeconds);
    send(response, { kind: 'Status', status: 'Success' });
  }

  private read({ kind, name = '' }: ApiRequest, response: ServerResponse): void {
    const object = this.store.get(kind, name);
    if (object) send(response, object);
    else refuse(response, 404, `${name} not found`);
  }

  private list({ kind, query }: ApiRequest, response: ServerResponse): void {
    const field = /involvedObject\.name=([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1];
    const all = this.store.list(kind, query.get('labelSelector') ?? '').filter(({ involvedObject }) => {
      return field === undefined || (involvedObject as { name?: string })?.name === field;
    });
    const from = Number(query.get('continue') ?? 0);
    const limit = Math.min(Number(query.get('limit') ?? Infinity), this.pageSize);
    const items = all.slice(from, from + limit);
    const more = from + items.length < all.length;
    const metadata = {
      resourceVersion: String(this.store.resourceVersion),
      ...(more && { continue: String(from + items.length) }),
    };
    send(response, { kind: `${kind}List`, metadata, items });
  }

  private watch({ kind, query }: ApiRequest, response: ServerResponse): void {
    const selector = query.get('labelSelector') ?? '';
    const missed = this.store.since(Number(query.get('resourceVersion') ?? 0));
    if (missed === undefined && this.expiredAs === 'status') return refuse(response, 410, 'too old resource version');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const tell = (event: object) => response.write(`${JSON.stringify(event)}\n`);
    if (missed === undefined) {
      tell({ type: 'ERROR', object: status(410, 'too old resource version') });
      return void response.end();
    }
    const relevant = (object: Stored) => object.kind === kind && matches(object, selector);
    for (const { type, object } of missed) if (relevant(object)) tell({ type, object });
    const unlisten = this.store.listen(({ type, object }) => {
      if (relevant(object)) tell({ type, object });
    });
    const ending = setTimeout(
      () => {
        const metadata = { resourceVersion: String(this.store.resourceVersion) };
        tell({ type: 'BOOKMARK', object: { kind, metadata } });
        response.end();
      },
      Number(query.get('timeoutSeconds')) * 1_000,
    );
    this.watches.add(response);
    response.once('close', () => {
      clearTimeout(ending);
      unlisten();
      this.watches.delete(response);
    });
  }

  private log({ name = '', query }: ApiRequest, response: ServerResponse): void {
    const output = this.logsOf(name, query.get('previous') === 'true');
    if (output === undefined) return refuse(response, 400, 'previous terminated container not found');
    response.setHeader('content-type', 'text/plain').end(output);
  }
}

const REASONS: Record<number, string> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

const status = (code: number, message: string) => {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason: REASONS[code] ?? '', message };
};

export function refuse(response: ServerResponse, code: number, message: string, headers = {}): void {
  response
    .writeHead(code, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(status(code, message)));
}

const send = (response: ServerResponse, body: object): void =>
  void response.setHeader('content-type', 'application/json').end(JSON.stringify(body));

/** An event as `kubectl describe` shows it. */
export const eventAbout = (pod: string, reason: string, message: string) => ({
  type: 'Warning',
  reason,
  message,
  lastTimestamp: timestamp(),
  involvedObject: { kind: 'Pod', name: pod },
});
