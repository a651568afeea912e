const CHUNK = 512;

/** Some entries: their keys, and beside them the ids. */
interface Chunk {
  keys: string[];
  ids: string[];
}

/**
 * Entries in order, in chunks, so that an insertion moves a few hundred and never the whole index. New ones are put in
 * order when somebody next looks: many at once, as after a start, are sorted together.
 */
export class SortedKeys {
  private chunks: Chunk[] = [{ keys: [], ids: [] }];
  private fresh: Chunk = { keys: [], ids: [] };
  private sorted = 0;

  get size(): number {
    return this.sorted + this.fresh.keys.length;
  }

  /** Whether some entries are not in order yet. */
  get unsettled(): boolean {
    return this.fresh.keys.length > 0;
  }

  add(key: string, id: string): void {
    this.fresh.keys.push(key);
    this.fresh.ids.push(id);
  }

  remove(key: string, id: string): void {
    this.settle();
    const at = this.chunkOf(key, id);
    const { keys, ids } = this.chunks[at] as Chunk;
    const i = position(keys, ids, key, id);
    if (keys[i] !== key || ids[i] !== id) return;
    keys.splice(i, 1);
    ids.splice(i, 1);
    this.sorted--;
    if (keys.length === 0 && this.chunks.length > 1) this.chunks.splice(at, 1);
  }

  /** The ids with `from <= key < to`, in order of their keys. */
  *range(from: string, to: string): Generator<string> {
    this.settle();
    for (let at = this.chunkOf(from, ''); at < this.chunks.length; at++) {
      const { keys, ids } = this.chunks[at] as Chunk;
      for (let i = position(keys, ids, from, ''); i < keys.length; i++) {
        if ((keys[i] as string) >= to) return;
        yield ids[i] as string;
      }
    }
  }

  /** The ids under exactly this key. */
  idsOf(key: string): string[] {
    return [...this.range(key, `${key}\u0000`)];
  }

  /** Puts new entries in order. */
  settle(): void {
    const { fresh } = this;
    if (fresh.keys.length === 0) return;
    this.fresh = { keys: [], ids: [] };
    if (fresh.keys.length * 16 < this.sorted) fresh.keys.forEach((key, i) => this.insert(key, fresh.ids[i] as string));
    else this.sortWith(fresh);
  }

  private insert(key: string, id: string): void {
    const at = this.chunkOf(key, id);
    const { keys, ids } = this.chunks[at] as Chunk;
    const i = position(keys, ids, key, id);
    // Where many documents have a key, all of them share one string.
    keys.splice(i, 0, keys[i - 1] === key ? (keys[i - 1] as string) : keys[i] === key ? (keys[i] as string) : key);
    ids.splice(i, 0, id);
    this.sorted++;
    if (keys.length > CHUNK)
      this.chunks.splice(at + 1, 0, { keys: keys.splice(CHUNK / 2), ids: ids.splice(CHUNK / 2) });
  }

  private sortWith(fresh: Chunk): void {
    const keys = [...this.chunks, fresh].flatMap((chunk) => chunk.keys);
    const ids = [...this.chunks, fresh].flatMap((chunk) => chunk.ids);
    const order = Uint32Array.from(keys, (_key, i) => i).sort((a, b) =>
      isBefore(keys[a] as string, ids[a] as string, keys[b] as string, ids[b] as string) ? -1 : 1,
    );
    this.chunks = [];
    let last = '';
    for (let at = 0; at < order.length; at += CHUNK) {
      const part = [...order.subarray(at, at + CHUNK)];
      const shared = (i: number): string => (keys[i] === last ? last : (last = keys[i] as string));
      this.chunks.push({ keys: part.map(shared), ids: part.map((i) => ids[i] as string) });
    }
    this.sorted = keys.length;
  }

  /** The chunk an entry belongs to: the last one that starts at or before it. */
  private chunkOf(key: string, id: string): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const { keys, ids } = this.chunks[middle] as Chunk;
      if (isBefore(key, id, keys[0] as string, ids[0] as string)) high = middle - 1;
      else low = middle;
    }
    return low;
  }
}

function isBefore(key: string, id: string, otherKey: string, otherId: string): boolean {
  return key < otherKey || (key === otherKey && id < otherId);
}

/** Where an entry is, or would be. */
function position(keys: string[], ids: string[], key: string, id: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(keys[middle] as string, ids[middle] as string, key, id)) low = middle + 1;
    else high = middle;
  }
  return low;
}
