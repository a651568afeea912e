import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Transitioned } from '../database/transitions.js';
import { InstanceTransitions } from '../installed-plugin/instance-transitions.service.js';
import { SupervisorTransitions } from '../supervisor/supervisor-transitions.js';
import { type BerthEvent, toEvent } from './event.js';
import { EventRepository } from './event.repository.js';

/** So long events are gathered before they are written, and so long after a failure, in milliseconds. */
const GATHER = 50;
const RETRY = 1_000;

/** So many may wait to be written; what is older is still found in the documents that changed, for a while. */
const MOST_WAITING = 10_000;

/** Of so many supervisors and instances it is remembered what is recorded already. */
const MOST_SUBJECTS = 10_000;

/** What is read again after a start or a gap goes back this much before what was recorded last, in milliseconds. */
const OVERLAP = 60_000;

/**
 * Records what became of supervisors and instances. A transition is kept by the document that changed, written with the
 * change itself; every process brings what it sees over to the events, where the first one decides. So none is lost when
 * a process ends between the two.
 */
@Injectable()
export class EventRecorder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(EventRecorder.name);
  private readonly recorded = new Map<string, number>();
  private readonly listeners: ((event: BerthEvent) => void)[] = [];
  private waiting: BerthEvent[] = [];
  private timer?: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly repository: EventRepository,
    private readonly instances: InstanceTransitions,
    private readonly supervisors: SupervisorTransitions,
    feed: ChangeFeed,
  ) {
    instances.onTransition((changed) => this.take(changed));
    supervisors.onTransition((changed) => this.take(changed));
    feed.onGap(() => this.catchUpSoon());
  }

  onApplicationBootstrap(): void {
    this.catchUpSoon();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.write().catch(() => undefined);
  }

  /** Calls the listener with each event that this process learns of, once. */
  onEvent(listener: (event: BerthEvent) => void): void {
    this.listeners.push(listener);
  }

  private take(changed: Transitioned): void {
    const known = this.recorded.get(changed.id) ?? -1;
    const fresh = changed.transitions.filter(({ revision }) => revision > known);
    const last = fresh.at(-1);
    if (last === undefined) return;
    this.remember(changed.id, last.revision, last.to === 'REMOVED');
    const events = fresh.map((transition) => toEvent(changed, transition));
    this.waiting.push(...events);
    this.waiting.splice(0, this.waiting.length - MOST_WAITING);
    this.writeIn(GATHER);
    for (const event of events) for (const listener of this.listeners) listener(event);
  }

  private remember(id: string, revision: number, removed: boolean): void {
    this.recorded.delete(id);
    if (!removed) this.recorded.set(id, revision);
    for (const oldest of this.recorded.keys()) {
      if (this.recorded.size <= MOST_SUBJECTS) break;
      this.recorded.delete(oldest);
    }
  }

  private writeIn(pause: number): void {
    if (this.stopped) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.write().catch((error: unknown) => {
        this.logger.warn({ msg: 'Events cannot be written now, and are soon.', error: String(error) });
        this.writeIn(RETRY);
      });
    }, pause).unref();
  }

  /** One write at a time; what fails goes back to those that wait. */
  private write(): Promise<void> {
    const write = async () => {
      const events = this.waiting;
      this.waiting = [];
      try {
        await this.repository.record(events);
      } catch (error) {
        this.waiting.unshift(...events);
        throw error;
      }
    };
    const done = this.writing.then(write);
    this.writing = done.catch(() => undefined);
    return done;
  }

  /** In the background: whoever asks for events does not wait for those that were missed. */
  private catchUpSoon(): void {
    if (this.stopped) return;
    this.catchUp().catch((error: unknown) => {
      this.logger.warn({ msg: 'Missed events cannot be read now, and are soon.', error: String(error) });
      setTimeout(() => this.catchUpSoon(), RETRY).unref();
    });
  }

  private async catchUp(): Promise<void> {
    const newest = (await this.repository.newest())?.getTime() ?? Date.now();
    const since = new Date(newest - OVERLAP);
    for (const changed of await this.supervisors.latest()) this.take(changed);
    for (const changed of await this.instances.since(since)) this.take(changed);
  }
}
