import { Timestamp, type Binary } from 'bson';
import type { ChangeRecord } from './records.js';
import { sizeOf, type Doc } from './values.js';

/** One event of the history that change streams read. */
export interface HistoryEvent {
  /** Grows by one with every event; what a resume token holds. */
  seq: number;
  /** Milliseconds since the epoch. */
  at: number;
  op: string;
  db: string;
  collection: string;
  uuid: Binary | undefined;
  /** The document, for a delete `{ _id }`; the description of an update. */
  docs: Doc[];
}

export interface HistoryLimits {
  seconds: number;
  bytes: number;
}

/** The latest events, kept in memory within limits of age and size. */
export class History {
  private events: HistoryEvent[] = [];
  /** How much the kept events weigh. */
  bytes = 0;
  /** The number of the newest event, kept or not. */
  last = 0;
  /** The number of the newest event that is on disk: no stream is told of later ones. */
  committed = 0;
  private lastAt = 0;

  constructor(private readonly limits: HistoryLimits) {}

  /** The number of the newest event that is no longer kept. */
  get forgotten(): number {
    return (this.events[0]?.seq ?? this.last + 1) - 1;
  }

  get size(): number {
    return this.events.length;
  }

  /** When the next event happens: the clock, but never backwards. */
  now(): number {
    return Math.max(Date.now(), this.lastAt);
  }

  push(event: HistoryEvent): void {
    this.events.push(event);
    this.bytes += weight(event);
    this.last = event.seq;
    this.lastAt = event.at;
  }

  /** Takes back the newest event. */
  pop(): void {
    const event = this.events.pop();
    if (!event) return;
    this.bytes -= weight(event);
    this.last = event.seq - 1;
  }

  /** Everything pushed so far is on disk. */
  commit(): void {
    this.committed = this.last;
  }

  /** The kept events after a number that are on disk, oldest first. */
  after(seq: number): HistoryEvent[] {
    const { forgotten } = this;
    return this.events.slice(Math.max(0, seq - forgotten), Math.max(0, this.committed - forgotten));
  }

  /** The number before the first kept event at or after a cluster time. */
  before(time: Timestamp): number {
    const wanted = time.toBigInt();
    const event = this.events.find((candidate) => clusterTime(candidate).toBigInt() >= wanted);
    return event ? event.seq - 1 : this.committed;
  }

  /** Forgets what is older or larger than the limits; done between batches, as a batch may be taken back. */
  trim(): void {
    const oldest = Date.now() - this.limits.seconds * 1000;
    let count = 0;
    for (const event of this.events) {
      if (event.at >= oldest && this.bytes <= this.limits.bytes) break;
      this.bytes -= weight(event);
      count++;
    }
    if (count > 0) this.events = this.events.slice(count);
  }

  /** Starts the numbering after `seq`, for a history that was written down apart. */
  continueAfter(seq: number, at: number): void {
    this.last = Math.max(this.last, seq);
    this.lastAt = Math.max(this.lastAt, at);
  }

  /** The cluster time of now. */
  get clusterTime(): Timestamp {
    return clusterTime({ at: this.lastAt || Date.now(), seq: this.last });
  }

  /** The kept events as records of a rewritten file. */
  *records(): Generator<ChangeRecord> {
    for (const { docs, ...meta } of this.events) {
      const { uuid, op, ...rest } = meta;
      yield { op: 'past', meta: { ...rest, kind: op, ...(uuid ? { uuid } : {}) }, docs };
    }
  }
}

/** The event's cluster time, which grows with its number. */
export function clusterTime({ at, seq }: { at: number; seq: number }): Timestamp {
  return new Timestamp({ t: Math.floor(at / 1000), i: seq % 2 ** 31 });
}

function weight(event: HistoryEvent): number {
  return event.docs.reduce((total, doc) => total + sizeOf(doc), 200);
}
