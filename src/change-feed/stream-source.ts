import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ChangeStream, ChangeStreamDocument, Db, ResumeToken } from 'mongodb';
import type { Change, ChangeSource, StoredDocument } from './change.js';

/** Pause before a broken stream is opened anew, in milliseconds: doubled up to the largest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 3_000;

/** How long the server may wait for a change before it answers that there is none, in milliseconds: less than a command. */
const LONGEST_WAIT = 400;

/** The server has thrown away the history that the resume token points to. */
const HISTORY_LOST = new Set([260, 280, 286]);

/** One change stream over all collections, so that changes of different collections keep their order. */
export class StreamSource implements ChangeSource {
  private readonly logger = new Logger(StreamSource.name);
  private stream?: ChangeStream;
  private token?: ResumeToken;
  private readonly closing = new AbortController();

  constructor(private readonly db: Db) {}

  async open(
    collections: readonly string[],
    onChange: (collection: string, change: Change) => void,
    onGap: () => void,
  ): Promise<void> {
    const stream = this.watch(collections);
    // The token in the first answer proves that the server keeps track from here on; the first change is a wait longer.
    const tracked = new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
    const first = stream.tryNext();
    await Promise.race([tracked, first]);
    this.token = stream.resumeToken;
    void this.read(stream, first, collections, onChange, onGap);
  }

  async close(): Promise<void> {
    this.closing.abort();
    // What still waits for a change ends with the connection: nobody needs to wait with it.
    await this.stream?.close().catch(() => undefined);
  }

  private watch(collections: readonly string[]): ChangeStream {
    this.stream = this.db.watch([{ $match: { 'ns.coll': { $in: [...collections] } } }], {
      fullDocument: 'updateLookup',
      maxAwaitTimeMS: LONGEST_WAIT,
      ...(this.token !== undefined && { resumeAfter: this.token }),
    });
    return this.stream;
  }

  private deliver(event: ChangeStreamDocument, onChange: (collection: string, change: Change) => void): void {
    this.token = event._id;
    if (!('documentKey' in event) || !('coll' in event.ns)) return;
    const id = String(event.documentKey._id);
    const document = 'fullDocument' in event ? (event.fullDocument as StoredDocument | null | undefined) : undefined;
    // An updated document that is not there any more: its own delete event follows.
    if (event.operationType === 'update' && document == null) return;
    onChange(event.ns.coll, { id, document: document ?? undefined });
  }

  private async read(
    opened: ChangeStream,
    first: Promise<ChangeStreamDocument | null>,
    collections: readonly string[],
    onChange: (collection: string, change: Change) => void,
    onGap: () => void,
  ): Promise<void> {
    let pause = FIRST_PAUSE;
    let stream = opened;
    let waiting: Promise<ChangeStreamDocument | null> | undefined = first;
    while (!this.closing.signal.aborted) {
      try {
        const event: ChangeStreamDocument | null | undefined = await waiting;
        waiting = undefined;
        if (event != null) this.deliver(event, onChange);
        for await (const event of stream) {
          pause = FIRST_PAUSE;
          this.deliver(event, onChange);
        }
      } catch (error) {
        if (this.closing.signal.aborted) return;
        waiting = undefined;
        const lost = HISTORY_LOST.has(Number((error as { code?: unknown }).code));
        if (lost) this.token = undefined;
        this.logger.warn({
          msg: 'The change stream broke; opening it anew.',
          in_ms: pause,
          lost,
          reason: String(error),
        });
        await stream.close().catch(() => undefined);
        await delay(pause, undefined, { signal: this.closing.signal }).catch(() => undefined);
        if (this.closing.signal.aborted) return;
        pause = Math.min(pause * 2, LONGEST_PAUSE);
        const resumed = this.token !== undefined;
        stream = this.watch(collections);
        if (!resumed) onGap();
      }
    }
  }
}
