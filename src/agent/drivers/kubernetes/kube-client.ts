import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from './kube-error.js';
import type { KubeHttp, KubeRequest, Query } from './kube-http.js';
import type { KubeList, KubeObject } from './objects.js';

/** Who has set a field, as the API server remembers it. */
export const FIELD_MANAGER = 'berth-agent';

/** The kinds of objects that the driver handles, and where they are. */
export const KINDS = {
  Deployment: 'apis/apps/v1/deployments',
  ReplicaSet: 'apis/apps/v1/replicasets',
  Pod: 'api/v1/pods',
  Service: 'api/v1/services',
  Secret: 'api/v1/secrets',
  Event: 'api/v1/events',
  EndpointSlice: 'apis/discovery.k8s.io/v1/endpointslices',
} as const;

export type Kind = keyof typeof KINDS;

export interface KubeClientOptions {
  readonly namespace: string;
  /** How long a request is repeated while the server is busy, conflicts or does not answer, in milliseconds. */
  readonly patienceMs: number;
  readonly random?: () => number;
}

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
const PAGE_SIZE = 500;

/** The objects of one namespace. Every request may be repeated without harm, and is while that can help. */
export class KubeClient {
  constructor(
    readonly http: KubeHttp,
    private readonly options: KubeClientOptions,
  ) {}

  get namespace(): string {
    return this.options.namespace;
  }

  /** `/api/v1/namespaces/plugins/pods/x` */
  path(kind: Kind, name?: string, subresource?: string): string {
    const collection = KINDS[kind];
    const cut = collection.lastIndexOf('/');
    const tail = [name, subresource].filter((part) => part !== undefined).map((part) => `/${encodeURIComponent(part)}`);
    const namespace = encodeURIComponent(this.namespace);
    return `/${collection.slice(0, cut)}/namespaces/${namespace}${collection.slice(cut)}${tail.join('')}`;
  }

  /** Makes the object what it shall be (server-side apply), whoever else has set the same fields. @throws KubeError */
  apply<T extends KubeObject>(
    kind: Kind,
    object: object & { metadata?: { name?: string } },
    signal?: AbortSignal,
  ): Promise<T> {
    return this.insist({
      method: 'PATCH',
      path: this.path(kind, object.metadata?.name ?? ''),
      query: { fieldManager: FIELD_MANAGER, force: true, fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: object,
      signal,
    });
  }

  /** Changes some fields and leaves the others. @throws KubeError */
  merge<T extends KubeObject>(kind: Kind, name: string, patch: object): Promise<T> {
    const query = { fieldManager: FIELD_MANAGER };
    return this.insist({
      method: 'PATCH',
      path: this.path(kind, name),
      query,
      contentType: 'application/merge-patch+json',
      body: patch,
    });
  }

  /** @returns undefined when there is none @throws KubeError */
  async get<T extends KubeObject>(kind: Kind, name: string): Promise<T | undefined> {
    try {
      return await this.insist<T>({ method: 'GET', path: this.path(kind, name) });
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All of them, page by page, and the resource version to watch from. @throws KubeError */
  async list<T extends KubeObject>(kind: Kind, query: Query, signal?: AbortSignal): Promise<KubeList<T>> {
    const items: T[] = [];
    let page: KubeList<T> | undefined;
    do {
      const token = page?.metadata?.continue;
      const paged = { ...query, limit: PAGE_SIZE, continue: token };
      try {
        page = await this.insist<KubeList<T>>({ method: 'GET', path: this.path(kind), query: paged, signal });
      } catch (error) {
        // The pages that are left have expired: from the start, in one answer.
        if (!(error instanceof KubeError && error.expired && token !== undefined)) throw error;
        items.length = 0;
        page = await this.insist<KubeList<T>>({ method: 'GET', path: this.path(kind), query, signal });
      }
      items.push(...page.items);
    } while (page.metadata?.continue);
    return { metadata: page.metadata, items };
  }

  /** Deletes what carries the labels; there being none is fine. @throws KubeError */
  async deleteAll(kind: Kind, labelSelector: string, gracePeriodSeconds?: number): Promise<void> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', gracePeriodSeconds };
    await this.insist({ method: 'DELETE', path: this.path(kind), query: { labelSelector }, body });
  }

  private async insist<T>(request: KubeRequest): Promise<T> {
    const { patienceMs, random = Math.random } = this.options;
    const deadline = Date.now() + patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      request.signal?.throwIfAborted();
      try {
        return await this.http.json<T>(request);
      } catch (error) {
        if (!(error instanceof KubeError) || !error.passing) throw error;
        const backoff = Math.min(FIRST_PAUSE_MS * 2 ** attempt, MAX_PAUSE_MS) * (0.75 + random() / 2);
        const pause = Math.max(error.retryAfterMs ?? 0, backoff);
        if (Date.now() + pause > deadline) throw error;
        await sleep(pause, undefined, { signal: request.signal }).catch(() => request.signal?.throwIfAborted());
      }
    }
  }
}
