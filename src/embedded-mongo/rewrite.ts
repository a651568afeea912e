import { statfsSync } from 'node:fs';
import { DataFile } from './data-file.js';
import type { Store } from './store.js';

const LEAST_BYTES = 8 * 1024 * 1024;
const STEP_BYTES = 256 * 1024;
const GROWTH = 3;

/** Whether a file has grown so far beyond what is alive that it is worth writing anew, and there is room for that. */
export function rewriteIsDue(file: DataFile, store: Store): boolean {
  const alive = Math.max(file.startedWith, store.bytes + store.history.bytes);
  if (file.bytes <= LEAST_BYTES + alive * GROWTH) return false;
  // A rewrite that fills the disk would have the writes beside it refused.
  const { bavail, bsize } = statfsSync(file.directory);
  return alive * 1.5 + LEAST_BYTES < bavail * bsize;
}

/**
 * Writes what is alive to a new file in small steps while commands go on, so that the space of what was overwritten,
 * deleted or forgotten is given back. Documents are never changed in place, so a list of them is a snapshot.
 */
export class Rewrite {
  private readonly file: DataFile;
  private readonly pending: Buffer[] = [];
  private readonly records: Iterator<Buffer>;
  private state: 'writing' | 'written' | 'failed' = 'writing';
  private abandoned = false;

  /** @throws the system's error when a file cannot be made */
  constructor(
    private readonly old: DataFile,
    store: Store,
    private readonly whenFinished: () => void,
  ) {
    this.file = DataFile.create(old.directory, old.number + 1);
    this.records = store.records();
    setImmediate(() => void this.write());
  }

  get finished(): boolean {
    return this.state !== 'writing';
  }

  /** Notes a batch that was committed to the old file meanwhile. */
  add(batch: Buffer[]): void {
    this.pending.push(...batch);
  }

  /** Makes the new file the one that counts. @throws when that failed; the old one goes on then. */
  publish(): DataFile {
    try {
      if (this.state === 'failed') throw new Error('the new file could not be written');
      if (this.pending.length > 0) this.file.append(this.pending);
      this.file.publish();
      return this.file;
    } catch (error) {
      // Whether its name is gone after a crash is not certain: what the old one took from now on might be left out.
      if (this.file.named) this.old.broken = String(error);
      this.file.discard();
      throw error;
    }
  }

  /** Gives up, leaving the old file as it is. */
  abandon(): void {
    this.abandoned = true;
    if (this.finished) this.file.discard();
  }

  private async write(): Promise<void> {
    try {
      while (!this.abandoned && this.step()) await new Promise(setImmediate);
      // Most of the file goes to disk here, so that publishing it holds up the commands only for the rest.
      await this.file.flush();
      this.state = 'written';
    } catch {
      this.state = 'failed';
    }
    if (this.abandoned) this.file.discard();
    else this.whenFinished();
  }

  /** Writes some records; answers whether there are more. */
  private step(): boolean {
    const payloads: Buffer[] = [];
    let next = this.records.next();
    for (let bytes = 0; !next.done; next = this.records.next()) {
      payloads.push(next.value);
      bytes += next.value.length;
      if (bytes > STEP_BYTES) break;
    }
    if (payloads.length > 0) this.file.append(payloads);
    return !next.done;
  }
}
