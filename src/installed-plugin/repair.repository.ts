import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import type { InstalledPlugin } from './installed-plugin.js';
import { toInstalledPlugin } from './installed-plugin.mapper.js';
import { InstalledPluginDocument } from './installed-plugin.schema.js';
import { moved } from './installed-plugin.update.js';

type Filter = QueryFilter<InstalledPluginDocument>;

/** For so long after an instance became ready, complaints may be about the one before it; in milliseconds. */
const PROBATION = 10_000;

/** The complaint can be about nothing else: nothing came before it, or that is long ago. */
const grown: Filter = {
  $or: [
    { generation: { $lte: 1 }, incarnation: { $lte: 1 } },
    { ready_at: null },
    { $expr: { $lt: ['$ready_at', { $subtract: ['$$NOW', PROBATION] }] } },
  ],
};

/** Wishes for another instance in the place of one that there is: a newer generation of it. */
@Injectable()
export class RepairRepository {
  constructor(@InjectModel(InstalledPluginDocument.name) private readonly model: Model<InstalledPluginDocument>) {}

  async findById(id: string): Promise<InstalledPlugin | undefined> {
    const document = await this.model.findById(id).lean();
    return document === null ? undefined : toInstalledPlugin(document);
  }

  /** ACTIVE → RE_PROVISIONING of the start that was seen, which the first of several reports does. */
  replace(seen: InstalledPlugin, reason: string): Promise<InstalledPlugin | undefined> {
    return this.replaceFrom(asSeen(seen), reason);
  }

  /** The same for one that did not become ready a moment ago. */
  replaceGrown(seen: InstalledPlugin, reason: string): Promise<InstalledPlugin | undefined> {
    return this.replaceFrom({ ...asSeen(seen), ...grown }, reason);
  }

  /** ACTIVE or ERROR → RE_PROVISIONING of a newer generation, its restart count forgotten. */
  recover(id: string): Promise<InstalledPlugin | undefined> {
    return this.replaceFrom({ _id: { $eq: id }, state: { $in: ['ACTIVE', 'ERROR'] } }, 'recovery was asked for');
  }

  private async replaceFrom(filter: Filter, reason: string): Promise<InstalledPlugin | undefined> {
    const document = await this.model
      .findOneAndUpdate(
        filter,
        moved('caller', {
          state: 'RE_PROVISIONING',
          state_reason: reason,
          generation: { $add: ['$generation', 1] },
          after_incarnation: '$incarnation',
          failed_endpoints: { $setUnion: ['$failed_endpoints', '$endpoints'] },
          told: 0,
          endpoints: [],
          restarts: 0,
          next_start_at: null,
        }),
        { returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    return document === null ? undefined : toInstalledPlugin(document);
  }
}

/** The start that somebody complains of, and no later one. */
function asSeen({ id, generation, incarnation }: InstalledPlugin): Filter {
  return { _id: { $eq: id }, state: 'ACTIVE', generation: { $eq: generation }, incarnation: { $eq: incarnation } };
}
