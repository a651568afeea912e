const CHUNK = 512;

/** Some entries: their keys, and beside them the ids. */
interface Chunk {
  keys: string[];
  ids: string[];
}

/** Entries in order, in chunks, so that an insertion moves a few hundred and never the whole index. */
export class SortedKeys {
  private readonly chunks: Chunk[] = [{ keys: [], ids: [] }];
  size = 0;

  /** Does nothing where the entry is there already. */
  add(key: string, id: string): void {
    const at = this.chunkOf(key, id);
    const { keys, ids } = this.chunks[at] as Chunk;
    const i = position(keys, ids, key, id);
    if (keys[i] === key && ids[i] === id) return;
    // Where many documents have a key, those beside each other share one string.
    keys.splice(i, 0, keys[i - 1] === key ? (keys[i - 1] as string) : keys[i] === key ? (keys[i] as string) : key);
    ids.splice(i, 0, id);
    this.size++;
    if (keys.length <= CHUNK) return;
    this.chunks.splice(at + 1, 0, { keys: keys.splice(CHUNK / 2), ids: ids.splice(CHUNK / 2) });
  }

  remove(key: string, id: string): void {
    const at = this.chunkOf(key, id);
    const { keys, ids } = this.chunks[at] as Chunk;
    const i = position(keys, ids, key, id);
    if (keys[i] !== key || ids[i] !== id) return;
    keys.splice(i, 1);
    ids.splice(i, 1);
    this.size--;
    if (keys.length === 0 && this.chunks.length > 1) this.chunks.splice(at, 1);
  }

  /** The ids with `from <= key < to`, in order of their keys. */
  *range(from: string, to: string): Generator<string> {
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

  /** The chunk an entry belongs to: the last one that starts at or before it, or the first. */
  private chunkOf(key: string, id: string): number {
    const after = firstNot(this.chunks.length, (at) => {
      const { keys, ids } = this.chunks[at] as Chunk;
      return !isBefore(key, id, keys[0] as string, ids[0] as string);
    });
    return Math.max(0, after - 1);
  }
}

function isBefore(key: string, id: string, otherKey: string, otherId: string): boolean {
  return key < otherKey || (key === otherKey && id < otherId);
}

/** Where an entry is, or would be. */
function position(keys: string[], ids: string[], key: string, id: string): number {
  return firstNot(keys.length, (i) => isBefore(keys[i] as string, ids[i] as string, key, id));
}

/** The first number below `end` for which a condition no longer holds, by bisection. */
function firstNot(end: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
