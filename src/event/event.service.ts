import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Observable } from 'rxjs';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import { type BerthEvent, type EventMatch, matches } from './event.js';
import { EventRecorder } from './event-recorder.service.js';
import { EventRepository } from './event.repository.js';

/** So many events are caught up with at most when a reader comes back. */
const MISSED = 1_000;

/** A reader who does not take what it is told is let go when this much waits for it. */
const MOST_WAITING = 10_000;

/** Events as a domain may see them: of its own supervisors, and of the plugins that it uses elsewhere. */
@Injectable()
export class EventService implements OnModuleDestroy {
  private readonly readers = new Set<EventReader>();

  constructor(
    private readonly repository: EventRepository,
    private readonly installed: InstalledPluginService,
    recorder: EventRecorder,
  ) {
    recorder.onEvent((event) => {
      for (const reader of this.readers) reader.take(event);
    });
  }

  /** Those who read end with the server. */
  onModuleDestroy(): void {
    for (const reader of this.readers) reader.end();
  }

  /** The newest first, those before an event where one is named. */
  async list(domainId: string, match: EventMatch, limit: number, before?: string): Promise<BerthEvent[]> {
    const boundIds = await this.installed.boundIdsOf(domainId);
    return this.repository.find({ domainId, boundIds }, match, { limit, before });
  }

  /**
   * Each event from now on.
   *
   * @param after the last event that the reader has seen: it is told first what came since
   */
  stream(domainId: string, match: EventMatch, after?: string): Observable<BerthEvent> {
    return new Observable((subscriber) => {
      const mayRead = async (event: BerthEvent) =>
        matches(event, match) &&
        (event.domainId === domainId || (await this.installed.isBound(domainId, event.subjectId)));
      const reader = new EventReader(mayRead, subscriber);
      this.readers.add(reader);
      // What comes while the past is read waits for it.
      void reader.follow(after === undefined ? [] : this.missed(domainId, match, after));
      return () => this.readers.delete(reader);
    });
  }

  private async missed(domainId: string, match: EventMatch, after: string): Promise<BerthEvent[]> {
    const boundIds = await this.installed.boundIdsOf(domainId);
    return this.repository.find({ domainId, boundIds }, match, { limit: MISSED, after });
  }
}

/** One who reads events as they happen. */
class EventReader {
  private readonly waiting: BerthEvent[] = [];
  private busy = true;

  constructor(
    private readonly mayRead: (event: BerthEvent) => Promise<boolean>,
    private readonly subscriber: { next(event: BerthEvent): void; error(error: unknown): void; complete(): void },
  ) {}

  take(event: BerthEvent): void {
    if (this.waiting.length >= MOST_WAITING) return this.end();
    this.waiting.push(event);
    if (!this.busy) void this.follow([]);
  }

  end(): void {
    this.subscriber.complete();
  }

  /** Tells these, then what waits, in order and each once. */
  async follow(first: readonly BerthEvent[] | Promise<readonly BerthEvent[]>): Promise<void> {
    this.busy = true;
    try {
      const told = new Set<string>();
      for (const event of await first) {
        told.add(event.id);
        this.subscriber.next(event);
      }
      for (let event = this.waiting.shift(); event !== undefined; event = this.waiting.shift()) {
        if (!told.has(event.id) && (await this.mayRead(event))) this.subscriber.next(event);
      }
    } catch (error) {
      this.subscriber.error(error);
    }
    this.busy = false;
  }
}
