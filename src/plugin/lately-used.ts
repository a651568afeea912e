export interface Usable {
  /** Since the hand came by. */
  used: boolean;
}

/**
 * A map of bounded size. Of more entries those stay that were used lately: a hand goes from the oldest to the newest, and
 * takes out the first that was not used since it came by (SIEVE, https://cachemon.github.io/SIEVE-website). Using an entry
 * changes nothing but the entry, where a list in the order of use takes looks at several others, none of them at hand among
 * many thousands.
 */
export class LatelyUsed<T extends Usable> {
  private readonly entries = new Map<string, T>();
  /** Made when it is first needed: a map that grows keeps what it was for whoever goes through it. */
  private hand: Iterator<[string, T], undefined> | undefined;
  private newest: T | undefined;

  /** @param onEvict told of what is taken out for want of room */
  constructor(
    private readonly max: number,
    private readonly onEvict: (entry: T) => void,
  ) {}

  /** The entry, which is used by that. */
  use(key: string): T | undefined {
    const entry = this.entries.get(key);
    if (entry !== undefined) entry.used = true;
    return entry;
  }

  /** The entry, without using it. */
  peek(key: string): T | undefined {
    return this.entries.get(key);
  }

  /** In the place of the key's last entry, or as the newest. */
  set(key: string, entry: T): void {
    const known = this.entries.get(key);
    if (known === undefined && this.entries.size >= this.max) this.evict();
    this.entries.set(key, entry);
    if (known === undefined || known === this.newest) this.newest = entry;
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.hand = undefined;
    this.newest = undefined;
  }

  values(): Iterable<T> {
    return this.entries.values();
  }

  private evict(): void {
    for (;;) {
      this.hand ??= this.entries.entries();
      const { value } = this.hand.next();
      if (value === undefined) {
        this.hand = undefined;
        continue;
      }
      const [key, entry] = value;
      if (!entry.used) {
        this.entries.delete(key);
        // It begins anew with the oldest, and does not go on with what is newer still.
        if (entry === this.newest) this.hand = undefined;
        return this.onEvict(entry);
      }
      entry.used = false;
    }
  }
}
