import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Db } from 'mongodb';
import type { Change, ChangeSource, StoredDocument } from './change.js';

/** Pause between two looks, in milliseconds. */
const INTERVAL = 500;

/** For a database without change streams: looks for documents whose revision has changed, and for ids that are gone. */
export class PollingSource implements ChangeSource {
  private readonly logger = new Logger(PollingSource.name);
  private readonly known = new Map<string, Map<string, unknown>>();
  private readonly closing = new AbortController();
  private polling?: Promise<void>;

  constructor(private readonly db: Db) {}

  async open(collections: readonly string[], onChange: (collection: string, change: Change) => void): Promise<void> {
    for (const collection of collections) await this.look(collection, () => undefined);
    this.polling = this.poll(collections, onChange);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.polling;
  }

  private async poll(
    collections: readonly string[],
    onChange: (collection: string, change: Change) => void,
  ): Promise<void> {
    while (!this.closing.signal.aborted) {
      await delay(INTERVAL, undefined, { signal: this.closing.signal }).catch(() => undefined);
      if (this.closing.signal.aborted) return;
      try {
        for (const collection of collections) await this.look(collection, (change) => onChange(collection, change));
      } catch (error) {
        if (!this.closing.signal.aborted)
          this.logger.warn({ msg: 'The database cannot be polled.', reason: String(error) });
      }
    }
  }

  private async look(collection: string, onChange: (change: Change) => void): Promise<void> {
    const before = this.known.get(collection) ?? new Map<string, unknown>();
    const now = new Map<string, unknown>();
    const changed: string[] = [];
    const documents = this.db.collection<{ _id: string; revision?: unknown }>(collection);
    for await (const { _id, revision } of documents.find({}, { projection: { revision: 1 } })) {
      now.set(_id, revision);
      if (before.get(_id) !== revision) changed.push(_id);
    }
    for await (const document of documents.find({ _id: { $in: changed } })) {
      onChange({ id: document._id, document: document as StoredDocument });
    }
    for (const id of before.keys()) if (!now.has(id)) onChange({ id, document: undefined });
    this.known.set(collection, now);
  }
}
