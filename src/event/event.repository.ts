import { Inject, Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import type { BerthEvent, EventMatch } from './event.js';
import { toBerthEvent, toEventFields } from './event.mapper.js';
import { EVENT_OPTIONS, type EventOptions } from './event.options.js';
import { EventDocument } from './event.schema.js';

/** Whose events are read. */
export interface Reader {
  readonly domainId: string;
  /** Instances that the domain is bound to, on whatever supervisor. */
  readonly boundIds: readonly string[];
}

/** Which of them: from the newest on those before an event, or from the oldest on those after one. */
export type Page = { readonly limit: number } & ({ readonly before?: string | undefined } | { readonly after: string });

@Injectable()
export class EventRepository {
  constructor(
    @InjectModel(EventDocument.name) private readonly model: Model<EventDocument>,
    @Inject(EVENT_OPTIONS) private readonly options: EventOptions,
  ) {}

  /** Writes down those that nobody has written down yet. */
  async record(events: readonly BerthEvent[]): Promise<void> {
    const writes = events.map((event) => ({
      updateOne: {
        filter: { _id: { $eq: event.id } },
        update: { $setOnInsert: toEventFields(event, this.options.ttl) },
        upsert: true,
      },
    }));
    if (writes.length > 0) await this.model.bulkWrite(writes, { ordered: false, timestamps: false });
  }

  /** When the newest event happened. */
  async newest(): Promise<Date | undefined> {
    const [newest] = await this.model.find().sort({ _id: -1 }).limit(1).lean();
    return newest?.at;
  }

  /** Events of the domain's own supervisors, and of the instances that it is bound to. */
  async find({ domainId, boundIds }: Reader, match: EventMatch, page: Page): Promise<BerthEvent[]> {
    const filter: QueryFilter<EventDocument> = {
      $or: [{ domain_id: { $eq: domainId } }, { subject_id: { $in: [...boundIds] } }],
    };
    if (match.supervisorId !== undefined) filter.supervisor_id = { $eq: match.supervisorId };
    if (match.pluginId !== undefined) filter.plugin_id = { $eq: match.pluginId };
    if (match.version !== undefined) filter.version = { $eq: match.version };
    const forwards = 'after' in page;
    if (forwards) filter._id = { $gt: page.after };
    else if (page.before !== undefined) filter._id = { $lt: page.before };
    const documents = await this.model
      .find(filter)
      .sort({ _id: forwards ? 1 : -1 })
      .limit(page.limit)
      .lean();
    return documents.map(toBerthEvent);
  }
}
