import { MongoError, toMongoError } from './errors.js';
import { DataFile } from './data-file.js';
import { StorageError } from './frames.js';
import { IndexPending } from './index-keys.js';
import { IndexMaker } from './index-maker.js';
import { Rewrite, rewriteIsDue } from './rewrite.js';
import { encodeRecord, plain, type ChangeRecord } from './records.js';
import type { Store, Undo } from './store.js';
import type { Doc } from './values.js';

/** One command waiting for its turn. */
export interface Task {
  /** It is not to be overtaken by what comes after it: whoever sends it waits for no answer before sending more. */
  readonly inOrder?: boolean;
  run(): Doc;
  /** Called once what the command changed is on disk. */
  reply(doc: Doc): void;
}

/** What became of it. */
interface Result {
  readonly task: Task;
  readonly doc: Doc;
  /** Whether it changed anything. */
  readonly wrote: boolean;
}

const TURN = 512;
/** So long after a rewrite failed is none tried. */
const RETRY_MS = 10_000;

/**
 * The only writer. Commands that arrived together run one after the other, what they changed goes to disk as one batch
 * with one sync, and only then are they answered: a reply never tells of what a crash could take back.
 */
export class Journal {
  private queue: Task[] = [];
  private scheduled = false;
  private batch: Buffer[] = [];
  private undos: Undo[] = [];
  private rewrite: Rewrite | undefined;
  private idle: (() => void)[] = [];
  private closed = false;
  private notBefore = 0;
  /** How much the batch held when the command that runs began, where it may run later as well. */
  private begunAt: number | undefined;
  readonly indexes: IndexMaker;
  readonly counters = { batches: 0, records: 0, refused: 0, rewrites: 0 };
  /** Called after each batch that changed something, once it is on disk. */
  onCommit: () => void = () => undefined;

  private constructor(
    private file: DataFile,
    readonly store: Store,
  ) {
    this.indexes = new IndexMaker(store);
    // Of one that has written something nothing can be done again.
    store.mayWait = () => this.begunAt === this.batch.length;
  }

  /** Opens or starts the data of a directory. @throws StorageError when it is damaged */
  static open(directory: string, store: Store): Journal {
    const found = DataFile.open(directory, (payload) => {
      store.apply(payload);
      store.history.trim();
    });
    if (found && !store.complete) {
      found.close();
      throw new StorageError(`the data file in ${directory} is damaged: its beginning is incomplete`);
    }
    store.history.commit();
    if (found) return new Journal(found, store);
    const file = DataFile.create(directory, 1);
    file.append([...store.records()]);
    file.publish();
    return new Journal(file, store);
  }

  get fileBytes(): number {
    return this.file.bytes;
  }

  submit(task: Task): void {
    this.queue.push(task);
    this.schedule();
  }

  /**
   * Carries out a checked change within a task.
   * @param doc the first document of the record, where it is at hand
   * @throws InternalError on a broken disk
   */
  write(record: ChangeRecord, doc?: Doc): void {
    const { broken } = this.file;
    if (broken) throw new MongoError('InternalError', `the disk failed (${broken}); restart to write again`);
    const bytes = encodeRecord(record);
    this.undos.push(this.store.apply(bytes, doc));
    this.batch.push(bytes);
  }

  /** The records written in this turn so far. */
  get written(): number {
    return this.batch.length;
  }

  /** Waits for what is under way, and closes the file. */
  async close(): Promise<void> {
    while (this.scheduled) await new Promise<void>((resolve) => this.idle.push(resolve));
    this.closed = true;
    this.indexes.stop();
    this.rewrite?.abandon();
    if (!this.file.broken) await this.sayClosed();
    this.file.close();
  }

  /** A batch behind the last one that counts: damage to that can be told from what a crash tears then. */
  private async sayClosed(): Promise<void> {
    try {
      await this.file.commit([encodeRecord(plain('closed', 0))]);
    } catch {
      // Without room for it nothing is lost.
    }
  }

  private schedule(): void {
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    setImmediate(() => void this.turn());
  }

  private async turn(): Promise<void> {
    const tasks = this.queue.splice(0, TURN);
    let results = tasks.flatMap((task) => this.runOrWait(task));
    if (this.batch.length > 0) {
      try {
        const written = this.file.commit(this.batch);
        if (written) await written;
      } catch (error) {
        results = this.takeBack(results, error);
      }
    }
    const wrote = this.batch.length > 0;
    if (wrote) this.committed();
    for (const { task, doc } of results) task.reply(doc);
    // Those who write wait for this turn, those who watch for any: the former come first.
    if (wrote) this.onCommit();
    this.batch = [];
    this.undos = [];
    this.next();
  }

  /** Nothing where an index has to be completed first: the command comes back when it is. */
  private runOrWait(task: Task): Result[] {
    this.begunAt = task.inOrder === true ? undefined : this.batch.length;
    try {
      return [this.run(task)];
    } catch (error) {
      if (!(error instanceof IndexPending)) throw error;
      this.indexes.want(error.index, () => this.submit(task));
      return [];
    } finally {
      this.begunAt = undefined;
    }
  }

  private run(task: Task): Result {
    const before = this.batch.length;
    let doc: Doc;
    try {
      doc = task.run();
    } catch (error) {
      if (error instanceof IndexPending) throw error;
      doc = toMongoError(error).reply();
    }
    return { task, doc, wrote: this.batch.length > before };
  }

  /** The batch is not on disk: as if it had never been, and whoever only read reads again. */
  private takeBack(results: readonly Result[], cause: unknown): Result[] {
    for (const undo of this.undos.reverse()) undo();
    this.batch = [];
    this.undos = [];
    this.counters.refused++;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const name = this.file.broken ? 'InternalError' : 'OutOfDiskSpace';
    const refusal = new MongoError(name, `the write could not be stored: ${reason}`).reply();
    return results.map(({ task, wrote }) => {
      const again = wrote ? undefined : this.run(task);
      // Without what was taken back a command may find that it has something to write after all.
      for (const undo of this.undos.splice(0).reverse()) undo();
      this.batch = [];
      return again && !again.wrote ? again : { task, doc: refusal, wrote: true };
    });
  }

  private committed(): void {
    this.counters.batches++;
    this.counters.records += this.batch.length;
    this.store.history.commit();
    this.rewrite?.add(this.batch);
  }

  private next(): void {
    this.store.history.trim();
    this.tend();
    this.scheduled = false;
    if (this.queue.length > 0) return this.schedule();
    for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Starts a rewrite or switches to its file, where it is time for either. */
  private tend(): void {
    const { rewrite } = this;
    if (Date.now() < this.notBefore || (rewrite && !rewrite.finished)) return;
    try {
      if (rewrite) this.switchTo(rewrite);
      else if (!this.file.broken && rewriteIsDue(this.file, this.store))
        this.rewrite = new Rewrite(this.file, this.store, () => this.schedule());
    } catch {
      // The old file goes on, and later there may be room for a new one.
      this.notBefore = Date.now() + RETRY_MS;
    }
  }

  private switchTo(rewrite: Rewrite): void {
    this.rewrite = undefined;
    if (this.file.broken) return rewrite.abandon();
    const file = rewrite.publish();
    this.file.discard();
    this.file = file;
    this.counters.rewrites++;
  }
}
