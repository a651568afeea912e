import type { ChangeStream } from './change-stream.js';
import { wholeField } from './commands/command.js';
import { MongoError, toMongoError } from './errors.js';
import type { Doc } from './values.js';

const DEFAULT_WAIT_MS = 1_000;

/** The getMores that wait for an event: looked at after each batch, when its events are on disk. */
export class Waiters {
  private readonly waiting = new Set<() => void>();

  /**
   * Answers a getMore with the next events: now if there are some, else when there are, when its time is over or when its
   * cursor is killed. Answers how to give it up.
   */
  wait(id: bigint, stream: ChangeStream, command: Doc, answer: (reply: Doc) => void): () => void {
    const count = wholeField(command, 'batchSize', 0) || Infinity;
    const time = Math.min(wholeField(command, 'maxTimeMS', DEFAULT_WAIT_MS), 2 ** 31 - 1);
    const look = (final: boolean): void => {
      try {
        const nextBatch = stream.next(count);
        if (nextBatch.length === 0 && !final) return;
        const cursor = { nextBatch, postBatchResumeToken: stream.token, id: stream.closed ? 0n : id };
        end({ cursor: { ...cursor, ns: stream.namespace }, ok: 1 });
      } catch (error) {
        end(toMongoError(error).reply());
      }
    };
    const again = (): void => look(false);
    const forget = (): void => {
      this.waiting.delete(again);
      clearTimeout(timer);
      stream.onKilled = () => undefined;
    };
    const end = (reply: Doc): void => {
      forget();
      answer(reply);
    };
    const timer = setTimeout(() => look(true), time);
    this.waiting.add(again);
    stream.onKilled = () =>
      end(new MongoError('CursorKilled', 'operation was interrupted: its cursor was killed').reply());
    look(false);
    return forget;
  }

  notify(): void {
    for (const again of this.waiting) again();
  }
}
