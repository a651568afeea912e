import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { BERTH_CONNECTION } from '../database/connection.js';
import type { Change, ChangeSource } from './change.js';
import { PollingSource } from './polling-source.js';
import { StreamSource } from './stream-source.js';

type ChangeListener = (change: Change) => void;

/**
 * Brings the database's changes to this process, whoever made them. Everything that is kept in memory lives by it.
 *
 * Features subscribe while they are constructed; the feed opens when the application starts, before it serves.
 */
@Injectable()
export class ChangeFeed implements OnApplicationShutdown {
  private readonly logger = new Logger(ChangeFeed.name);
  private readonly listeners = new Map<string, ChangeListener[]>();
  private readonly gapListeners: (() => void)[] = [];
  private source?: ChangeSource;

  constructor(@Inject(BERTH_CONNECTION) private readonly connection: Connection) {}

  /** Calls the listener with each change of the collection, in order. */
  on(collection: string, listener: ChangeListener): void {
    const known = this.listeners.get(collection);
    if (known === undefined) this.listeners.set(collection, [listener]);
    else known.push(listener);
  }

  /** Calls the listener when changes may have been missed: what it derived from them has to be loaded anew. */
  onGap(listener: () => void): void {
    this.gapListeners.push(listener);
  }

  /** Starts to deliver. Resolves when every change made from then on will be delivered. */
  async open(): Promise<void> {
    const db = await this.database();
    const { setName, msg } = (await db.command({ hello: 1 })) as { setName?: string; msg?: string };
    const streams = setName !== undefined || msg === 'isdbgrid';
    if (!streams) {
      this.logger.warn({
        msg: 'The database has no change streams (it is no replica set): it is polled instead, which is slower.',
      });
    }
    this.source = streams ? new StreamSource(db) : new PollingSource(db);
    await this.source.open([...this.listeners.keys()], this.deliver, this.reportGap);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.source?.close();
  }

  private async database() {
    await this.connection.asPromise();
    if (this.connection.db === undefined)
      throw new Error('The database connection was closed before the change feed opened.');
    return this.connection.db;
  }

  private readonly deliver = (collection: string, change: Change): void => {
    for (const listener of this.listeners.get(collection) ?? []) {
      try {
        listener(change);
      } catch (error) {
        this.logger.error({ msg: 'A change could not be applied.', collection, id: change.id, error: String(error) });
      }
    }
  };

  private readonly reportGap = (): void => {
    for (const listener of this.gapListeners) listener();
  };
}
