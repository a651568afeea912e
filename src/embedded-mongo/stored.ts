import { LRUCache } from 'lru-cache';
import { decode } from './codec.js';
import type { Doc } from './values.js';

/** The documents that were read or written last, decoded; by bytes. */
const decoded = new LRUCache<Stored, Doc>({
  maxSize: 4 * 1024 * 1024,
  sizeCalculation: (_doc, { bytes }) => bytes.length,
});

/** One version of a document, as its bytes: a tenth of what it takes decoded. Never changed, only replaced. */
export class Stored {
  /** @param id the order key of its `_id` */
  constructor(
    readonly id: string,
    readonly bytes: Buffer,
  ) {}

  /** The document; it must not be changed. */
  get doc(): Doc {
    const known = decoded.get(this);
    if (known) return known;
    const doc = decode(this.bytes);
    decoded.set(this, doc);
    return doc;
  }

  /** The document with at least these of its fields, all when undefined; for looking through many. */
  pick(fields: ReadonlySet<string> | undefined): Doc {
    return decoded.peek(this) ?? decode(this.bytes, fields);
  }
}

/** Keeps what a document's bytes say, where it is at hand. */
export function keepDecoded(stored: Stored, doc: Doc): void {
  decoded.set(stored, doc);
}
