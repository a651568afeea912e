import { randomUUID } from 'node:crypto';

export interface Stored {
  kind: string;
  apiVersion?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    creationTimestamp: string;
    deletionTimestamp?: string;
    deletionGracePeriodSeconds?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { uid: string }[];
    managedFields?: { manager: string; operation: string }[];
  };
  // Each kind has its own; the store knows none of them.
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored;
}

type Tree = Record<string, unknown>;

/** As Kubernetes writes times: to the second. */
export const timestamp = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects are merged, everything else is replaced; null removes. */
export function merged(base: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Tree = isTree(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** The objects of a cluster with their versions, and what has changed since, as far as it is still remembered. */
export class ObjectStore {
  private readonly objects = new Map<string, Stored>();
  private readonly listeners = new Set<(change: Change) => void>();
  private history: Change[] = [];
  private version = 1_000;
  /** Watches from before this version cannot be gone on with. */
  private oldest = 0;

  get resourceVersion(): number {
    return this.version;
  }

  /** Forgets what has changed, as a server does after some minutes. */
  compact(): void {
    this.version += 1;
    this.oldest = this.version;
    this.history = [];
  }

  get(kind: string, name: string): Stored | undefined {
    return this.objects.get(`${kind}/${name}`);
  }

  list(kind: string, labelSelector = ''): Stored[] {
    const all = [...this.objects.values()].filter((object) => object.kind === kind);
    return all.filter((object) => matches(object, labelSelector));
  }

  /** Creates or changes an object; the patch wins. */
  put(kind: string, name: string, patch: object, manager?: string): Stored {
    const before = this.get(kind, name);
    const changed = merged(before ?? {}, patch) as Stored;
    const metadata = {
      ...changed.metadata,
      name,
      uid: before?.metadata.uid ?? randomUUID(),
      creationTimestamp: before?.metadata.creationTimestamp ?? timestamp(),
      generation: before?.metadata.generation ?? 1,
      resourceVersion: before?.metadata.resourceVersion ?? '',
      managedFields: manager ? [{ manager, operation: 'Apply' }] : before?.metadata.managedFields,
    };
    const after: Stored = { ...changed, kind, metadata };
    if (before && JSON.stringify(before) === JSON.stringify(after)) return before;
    if (before && JSON.stringify(before.spec) !== JSON.stringify(after.spec)) metadata.generation += 1;
    return this.commit(before ? 'MODIFIED' : 'ADDED', after);
  }

  /** Of objects that are gone, nothing happens. */
  remove(kind: string, name: string): void {
    const object = this.get(kind, name);
    if (object) this.commit('DELETED', object);
  }

  /** @returns what has changed since, or undefined where that is not known any more */
  since(version: number): Change[] | undefined {
    return version < this.oldest ? undefined : this.history.filter((change) => change.version > version);
  }

  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private commit(type: Change['type'], object: Stored): Stored {
    this.version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    const key = `${object.kind}/${object.metadata.name}`;
    if (type === 'DELETED') this.objects.delete(key);
    else this.objects.set(key, stored);
    const change = { version: this.version, type, object: stored };
    this.history.push(change);
    for (const listener of [...this.listeners]) listener(change);
    return stored;
  }
}

/** @param labelSelector `key=value,key=value` */
export function matches({ metadata }: Stored, labelSelector: string): boolean {
  const wanted = labelSelector === '' ? [] : labelSelector.split(',').map((term) => term.split('='));
  return wanted.every(([key = '', value]) => metadata.labels?.[key] === value);
}
