import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileHeader, frameBatch, HEADER_BYTES, readBatches, readHeader } from './frames.js';

const fdatasyncAsync = promisify(fdatasync);
const NAME = /^data-(\d{10})$/;
const PREALLOCATE = 1024 * 1024;
/** A sync slower than this is handed to another thread, so that it does not hold up this one. */
const SLOW_SYNC_MS = 2;

/** The file that acknowledged writes are appended to. */
export class DataFile {
  private allocated: number;
  /** How much it held when it was published, 0 for one that was opened. */
  startedWith = 0;
  /** Whether a restart would take it for the newest. */
  named = true;
  private syncMs = 0;
  /** Set once the disk broke its word: nothing more may be written until a restart has read what is really there. */
  broken: string | undefined;

  private constructor(
    readonly directory: string,
    readonly number: number,
    private readonly fd: number,
    private readonly salt: number,
    private end: number,
  ) {
    this.allocated = fstatSync(fd).size;
  }

  /** The newest data file of a directory, read through `apply`. @throws StorageError for damage or a newer format */
  static open(directory: string, apply: (payload: Buffer) => void): DataFile | undefined {
    const files = readdirSync(directory);
    for (const name of files) if (name.endsWith('.new')) rmSync(join(directory, name));
    const numbers = files
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
    const [newest, ...older] = numbers;
    if (newest === undefined) return undefined;
    const path = join(directory, fileName(newest));
    const fd = openSync(path, 'r+');
    try {
      const salt = readHeader(fd, path);
      const { size } = fstatSync(fd);
      const end = readBatches(fd, size, path, salt, apply);
      ftruncateSync(fd, end);
      // What a killed process wrote last may not be on disk yet, and from now on it is told.
      fdatasyncSync(fd);
      for (const number of older) rmSync(join(directory, fileName(number)));
      return new DataFile(directory, newest, fd, salt, end);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Starts a new data file, which counts once {@link publish} has named it. */
  static create(directory: string, number: number): DataFile {
    const fd = openSync(join(directory, `${fileName(number)}.new`), 'w+');
    const file = new DataFile(directory, number, fd, randomInt(1, 2 ** 32 - 1), HEADER_BYTES);
    file.named = false;
    try {
      writeAll(fd, fileHeader(file.salt), 0);
    } catch (error) {
      file.discard();
      throw error;
    }
    return file;
  }

  get bytes(): number {
    return this.end;
  }

  /** Gives a created file its name, after which it is the newest. @throws when it did not get it for certain */
  publish(): void {
    fsyncSync(this.fd);
    renameSync(this.path, join(this.directory, fileName(this.number)));
    this.named = true;
    this.startedWith = this.end;
    syncDirectory(this.directory);
  }

  /** Appends without waiting for the disk, for a file that is not published yet. */
  append(payloads: Buffer[]): void {
    const bytes = frameBatch(this.salt, this.end, payloads);
    writeAll(this.fd, bytes, this.end);
    this.end += bytes.length;
  }

  /** Has everything appended so far on disk. */
  async flush(): Promise<void> {
    await fdatasyncAsync(this.fd);
  }

  /**
   * Appends one batch and has it on disk when it returns, or when its promise is kept if the disk is slow.
   * @throws the system's error when there is no room; nothing of the batch counts then.
   */
  commit(payloads: Buffer[]): void | Promise<void> {
    const bytes = frameBatch(this.salt, this.end, payloads);
    this.makeRoom(bytes.length);
    try {
      writeAll(this.fd, bytes, this.end);
    } catch (error) {
      if (!isFull(error)) this.fail(error);
      ftruncateSync(this.fd, this.end);
      this.allocated = this.end;
      throw error;
    }
    return this.sync(() => (this.end += bytes.length));
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Closes the file and removes it, after a newer one took its place or because it never will. */
  discard(): void {
    closeSync(this.fd);
    rmSync(this.path, { force: true });
  }

  private get path(): string {
    return join(this.directory, fileName(this.number) + (this.named ? '' : '.new'));
  }

  /** Writes zeros ahead: a sync that changes no file size costs the disk one write less. Without room it is left out. */
  private makeRoom(length: number): void {
    if (this.end + length <= this.allocated) return;
    try {
      writeAll(this.fd, Buffer.alloc(PREALLOCATE), Math.max(this.allocated, this.end));
      this.allocated = Math.max(this.allocated, this.end) + PREALLOCATE;
    } catch (error) {
      if (!isFull(error)) this.fail(error);
      ftruncateSync(this.fd, this.end);
      this.allocated = this.end;
    }
  }

  private sync(done: () => void): void | Promise<void> {
    const started = performance.now();
    const finish = (): void => {
      this.syncMs = this.syncMs * 0.8 + (performance.now() - started) * 0.2;
      done();
    };
    if (this.syncMs > SLOW_SYNC_MS) return fdatasyncAsync(this.fd).then(finish, (error: unknown) => this.fail(error));
    try {
      fdatasyncSync(this.fd);
    } catch (error) {
      this.fail(error);
    }
    finish();
  }

  /** Nobody can say what is on disk now, and a later sync would not either: it forgets what an earlier one lost. */
  private fail(error: unknown): never {
    this.broken = error instanceof Error ? error.message : String(error);
    throw error;
  }
}

/** Has the names in a directory on disk. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether the disk only had no room, and nothing else is wrong with it. */
function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String((error as NodeJS.ErrnoException).code));
}

function fileName(number: number): string {
  return `data-${String(number).padStart(10, '0')}`;
}

function writeAll(fd: number, bytes: Buffer, at: number): void {
  for (let written = 0; written < bytes.length;) {
    const count = writeSync(fd, bytes, written, bytes.length - written, at + written);
    if (count === 0) throw Object.assign(new Error('the disk took no more bytes'), { code: 'ENOSPC' });
    written += count;
  }
}
