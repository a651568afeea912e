/** One entry of an index: the order key of its values, and the key of its document's `_id`. */
export interface Entry {
  key: string;
  id: string;
}

const CHUNK = 512;

function before(a: Entry, key: string, id: string): boolean {
  return a.key < key || (a.key === key && a.id < id);
}

/** Entries kept in order, in chunks, so that an insertion moves a few hundred entries and never the whole index. */
export class SortedKeys {
  private chunks: Entry[][] = [[]];
  size = 0;

  add(key: string, id: string): void {
    const at = this.chunkOf(key, id);
    const chunk = this.chunks[at] ?? [];
    chunk.splice(position(chunk, key, id), 0, { key, id });
    this.size++;
    if (chunk.length > CHUNK) this.chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  remove(key: string, id: string): void {
    const at = this.chunkOf(key, id);
    const chunk = this.chunks[at] ?? [];
    const i = position(chunk, key, id);
    const found = chunk[i];
    if (found?.key !== key || found.id !== id) return;
    chunk.splice(i, 1);
    this.size--;
    if (chunk.length === 0 && this.chunks.length > 1) this.chunks.splice(at, 1);
  }

  /** The entries with `from <= key < to`, in order. */
  *range(from: string, to: string): Generator<Entry> {
    for (let at = this.chunkOf(from, ''); at < this.chunks.length; at++) {
      const chunk = this.chunks[at] ?? [];
      for (let i = position(chunk, from, ''); i < chunk.length; i++) {
        const entry = chunk[i];
        if (!entry || entry.key >= to) return;
        yield entry;
      }
    }
  }

  /** The ids under exactly this key. */
  idsOf(key: string): string[] {
    const ids: string[] = [];
    for (const entry of this.range(key, `${key}\u0000`)) ids.push(entry.id);
    return ids;
  }

  /** The chunk an entry belongs to: the last one that starts at or before it. */
  private chunkOf(key: string, id: string): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.chunks[middle]?.[0];
      if (first && !before(first, key, id) && (first.key !== key || first.id !== id)) high = middle - 1;
      else low = middle;
    }
    return low;
  }
}

function position(chunk: Entry[], key: string, id: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = chunk[middle];
    if (entry && before(entry, key, id)) low = middle + 1;
    else high = middle;
  }
  return low;
}
