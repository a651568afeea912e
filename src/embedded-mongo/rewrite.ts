import { statfsSync } from 'node:fs';
import { DataFile } from './data-file.js';
import type { Store } from './store.js';

const LEAST_BYTES = 8 * 1024 * 1024;
const STEP_BYTES = 256 * 1024;
const GROWTH = 3;
const RETRY_MS = 10_000;

/** What the newest file held when it was written, so that its growth shows. */
const basis = new WeakMap<DataFile, { bytes: number; notBefore: number }>();

/**
 * Writes what is alive to a new file in small steps while commands go on, so that the space of what was overwritten,
 * deleted or forgotten is given back. Documents are never changed in place, so a list of them is a snapshot.
 */
export class Rewrite {
  private file: DataFile | undefined;
  private readonly pending: Buffer[] = [];
  private readonly records: Iterator<Buffer>;
  private stopped = false;
  private flushed = false;

  constructor(
    private readonly old: DataFile,
    store: Store,
    private readonly whenFinished: () => void,
  ) {
    this.records = store.records();
    try {
      this.file = DataFile.create(old.directory, old.number + 1);
    } catch {
      this.fail();
    }
    setImmediate(() => this.step());
  }

  /** Whether a file has grown so far beyond what it started with that most of it is likely dead. */
  static isDue(file: DataFile, store: Store): boolean {
    const known = basis.get(file) ?? { bytes: 0, notBefore: 0 };
    basis.set(file, known);
    if (file.bytes <= LEAST_BYTES + known.bytes * GROWTH || Date.now() < known.notBefore) return false;
    // A rewrite that fills the disk would have the writes beside it refused.
    const { bavail, bsize } = statfsSync(file.directory);
    const fits = (store.bytes + store.history.bytes) * 1.5 + LEAST_BYTES < bavail * bsize;
    if (!fits) known.notBefore = Date.now() + RETRY_MS;
    return fits;
  }

  get finished(): boolean {
    return this.stopped || this.flushed;
  }

  /** Notes a batch that was committed to the old file meanwhile. */
  add(batch: Buffer[]): void {
    this.pending.push(...batch);
  }

  /** Makes the new file the one that counts; without room for it the old one goes on. */
  publish(): DataFile | undefined {
    const { file } = this;
    if (!file || this.stopped) return undefined;
    try {
      if (this.pending.length > 0) file.append(this.pending);
      file.publish();
      basis.set(file, { bytes: file.bytes, notBefore: 0 });
      return file;
    } catch {
      this.fail();
      return undefined;
    }
  }

  /** Gives up, leaving the old file as it is. */
  abandon(): void {
    this.stopped = true;
    this.file?.discard(false);
    this.file = undefined;
  }

  private fail(): void {
    this.abandon();
    basis.set(this.old, { bytes: basis.get(this.old)?.bytes ?? 0, notBefore: Date.now() + RETRY_MS });
  }

  private step(): void {
    if (this.stopped) return this.whenFinished();
    const payloads: Buffer[] = [];
    let next = this.records.next();
    for (let bytes = 0; !next.done; next = this.records.next()) {
      payloads.push(next.value);
      bytes += next.value.length;
      if (bytes > STEP_BYTES) break;
    }
    try {
      this.file?.append(payloads);
    } catch {
      this.fail();
    }
    if (this.stopped) return this.whenFinished();
    if (!next.done) return void setImmediate(() => this.step());
    // Most of the file goes to disk here, so that publishing it holds up the commands only for the rest.
    void this.file?.flush().then(
      () => {
        this.flushed = true;
        this.whenFinished();
      },
      () => {
        this.fail();
        this.whenFinished();
      },
    );
  }
}
