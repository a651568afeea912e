import { Timestamp } from 'bson';
import { seqOf, timeOf } from './records.js';

export interface HistoryLimits {
  seconds: number;
  bytes: number;
}

/** What an event weighs besides its record. */
const OVERHEAD_BYTES = 150;

/** The records of the latest events, kept in memory within limits of age and size. */
export class History {
  /** Their numbers follow each other; those before `first` are forgotten. */
  private events: Buffer[] = [];
  private first = 0;
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
    return this.last - this.size;
  }

  get size(): number {
    return this.events.length - this.first;
  }

  /** When the next event happens: the clock, but never backwards. */
  now(): number {
    return Math.max(Date.now(), this.lastAt);
  }

  push(event: Buffer): void {
    this.events.push(event);
    this.bytes += event.length + OVERHEAD_BYTES;
    this.last = seqOf(event);
    this.lastAt = timeOf(event);
  }

  /** Takes back the newest event. */
  pop(): void {
    const event = this.events.pop();
    if (!event) return;
    this.bytes -= event.length + OVERHEAD_BYTES;
    this.last--;
  }

  /** Everything pushed so far is on disk. */
  commit(): void {
    this.committed = this.last;
  }

  /** The kept events after a number that are on disk, oldest first. */
  after(seq: number): Buffer[] {
    const before = this.forgotten - this.first;
    return this.events.slice(Math.max(this.first, seq - before), this.committed - before);
  }

  /** Forgets what is older or larger than the limits; done between batches, as a batch may be taken back. */
  trim(): void {
    const oldest = Date.now() - this.limits.seconds * 1000;
    for (let event = this.events[this.first]; event; event = this.events[this.first]) {
      if (timeOf(event) >= oldest && this.bytes <= this.limits.bytes) break;
      this.bytes -= event.length + OVERHEAD_BYTES;
      this.first++;
    }
    if (this.first * 2 <= this.events.length) return;
    this.events = this.events.slice(this.first);
    this.first = 0;
  }

  /** Starts the numbering after `seq`, for a history that was written down apart. */
  continueAfter(seq: number, at: number): void {
    this.last = Math.max(this.last, seq);
    this.lastAt = Math.max(this.lastAt, at);
  }
}

/** The cluster time of an event, which grows with its number. */
export function clusterTime(event: Buffer): Timestamp {
  return new Timestamp({ t: Math.floor(timeOf(event) / 1000), i: seqOf(event) % 2 ** 31 });
}
