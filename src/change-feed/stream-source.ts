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

/** A stream that the server keeps track for, and the answer to the first look into it. */
interface Opened {
  readonly stream: ChangeStream;
  readonly first: Promise<ChangeStreamDocument | null>;
}

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
    void this.read(await this.watch(collections), collections, onChange, onGap);
  }

  async close(): Promise<void> {
    this.closing.abort();
    // What still waits for a change ends with the connection: nobody needs to wait with it.
    await this.stream?.close().catch(() => undefined);
  }

  /** Resolves when every change made from then on will be seen, after those since the token where there is one. */
  private async watch(collections: readonly string[]): Promise<Opened> {
    const stream = this.db.watch([{ $match: { 'ns.coll': { $in: [...collections] } } }], {
      fullDocument: 'updateLookup',
      maxAwaitTimeMS: LONGEST_WAIT,
      ...(this.token !== undefined && { resumeAfter: this.token }),
    });
    this.stream = stream;
    // The token in the first answer proves that the server keeps track from here on; the first change is a wait longer.
    const tracked = new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
    const first = stream.tryNext();
    await Promise.race([tracked, first]);
    return { stream, first };
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
    opened: Opened,
    collections: readonly string[],
    onChange: (collection: string, change: Change) => void,
    onGap: () => void,
  ): Promise<void> {
    let pause = FIRST_PAUSE;
    for (let next: Opened | undefined = opened; ; next = undefined) {
      try {
        const { stream, first } = next ?? (await this.reopen(collections, onGap));
        this.token ??= stream.resumeToken;
        const event = await first;
        if (event !== null) this.deliver(event, onChange);
        for await (const event of stream) {
          pause = FIRST_PAUSE;
          this.deliver(event, onChange);
        }
        throw new Error('the server has ended it');
      } catch (error) {
        if (this.closing.signal.aborted) return;
        const lost = HISTORY_LOST.has(Number((error as { code?: unknown }).code));
        if (lost) this.token = undefined;
        this.logger.warn({
          msg: 'The change stream broke; opening it anew.',
          in_ms: pause,
          lost,
          reason: String(error),
        });
        await this.stream?.close().catch(() => undefined);
        await delay(pause, undefined, { signal: this.closing.signal }).catch(() => undefined);
        if (this.closing.signal.aborted) return;
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
  }

  private async reopen(collections: readonly string[], onGap: () => void): Promise<Opened> {
    const resumed = this.token !== undefined;
    const opened = await this.watch(collections);
    // Not before: what is loaded anew until the server keeps track would be changed again without a word.
    if (!resumed) onGap();
    return opened;
  }
}
