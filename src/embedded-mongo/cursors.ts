import { randomInt } from 'node:crypto';
import { check, MongoError } from './errors.js';
import { encode } from './codec.js';
import { Stored } from './stored.js';
import { MAX_DOCUMENT_BYTES, type Doc } from './values.js';

/** Something that yields its documents in batches. */
export interface Cursor {
  readonly namespace: string;
  /** The session that opened it. */
  readonly session: string | undefined;
  /** Called when it is forgotten while somebody may wait for it. */
  onKilled?(): void;
}

/** The rest of a result, taken when the command ran. */
export class ListCursor implements Cursor {
  private at = 0;

  constructor(
    readonly namespace: string,
    private readonly docs: (Doc | Stored)[],
    readonly session: string | undefined,
  ) {}

  /** The next documents: at most `count`, and no more than fit one reply. */
  next(count: number): Buffer[] {
    const batch: Buffer[] = [];
    let bytes = 0;
    for (let doc = this.docs[this.at]; doc && batch.length < count; doc = this.docs[++this.at]) {
      const encoded = doc instanceof Stored ? doc.bytes : encode(doc);
      bytes += encoded.length + 8;
      if (batch.length > 0 && bytes > MAX_DOCUMENT_BYTES) break;
      batch.push(encoded);
    }
    return batch;
  }

  get exhausted(): boolean {
    return this.at >= this.docs.length;
  }
}

/** Open cursors; those that nobody asks for expire. */
export class Cursors {
  private readonly open = new Map<bigint, { cursor: Cursor; usedAt: number }>();

  constructor(
    private readonly idleMs: number,
    private readonly limit: number,
  ) {}

  get size(): number {
    return this.open.size;
  }

  add(cursor: Cursor): bigint {
    check(this.open.size < this.limit, 'ExceededMemoryLimit', `too many open cursors (${this.limit})`);
    const id = (BigInt(randomInt(1, 2 ** 31 - 1)) << 32n) | BigInt(randomInt(0, 2 ** 32 - 1));
    this.open.set(id, { cursor, usedAt: Date.now() });
    return id;
  }

  /** @throws CursorNotFound */
  get(id: bigint, namespace: string): Cursor {
    const entry = this.open.get(id);
    if (!entry) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    const { cursor } = entry;
    check(cursor.namespace === namespace, 13, `the cursor belongs to ${cursor.namespace}, not to ${namespace}`);
    entry.usedAt = Date.now();
    return cursor;
  }

  delete(id: bigint): boolean {
    const entry = this.open.get(id);
    this.open.delete(id);
    entry?.cursor.onKilled?.();
    return entry !== undefined;
  }

  /** Forgets the cursors of ended sessions. */
  endSessions(sessions: Set<string>): void {
    for (const [id, { cursor }] of this.open) if (sessions.has(cursor.session ?? '')) this.delete(id);
  }

  /** Forgets those that nobody asked for in time; a getMore that waits is answered all the same. */
  expire(): void {
    const oldest = Date.now() - this.idleMs;
    for (const [id, { usedAt }] of this.open) if (usedAt < oldest) this.open.delete(id);
  }
}
