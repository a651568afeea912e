import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { Binding } from './installed-plugin.js';
import { toBinding } from './installed-plugin.mapper.js';
import { change } from './installed-plugin.update.js';
import { InstalledPluginRefDocument } from './installed-plugin-ref.schema.js';

/** Bindings that nobody has asked for since a time. */
export interface IdleMatch {
  readonly calledBefore: Date;
  /** Of these plugins only, or of all but these. */
  readonly plugins: { readonly $in: readonly string[] } | { readonly $nin: readonly string[] };
}

export interface IdleBinding {
  readonly id: string;
  readonly installedPluginId: string;
  readonly idleSince: Date;
}

/** As many are removed at a time: what they name is stopped. */
const AT_A_TIME = 100;

/** As many are written down at a time: none of these commands takes long, and others get their turn in between. */
const NOTES_AT_A_TIME = 500;

/**
 * Removes bindings that are not used, without a moment in which somebody may be given the endpoint of what is removed:
 * a binding is marked first, which every process hears of. From then on whoever is asked for it takes the mark off before
 * answering, as does a process that has answered not long ago and had not written that down. Only a binding whose mark
 * has stayed for as long as callers use an endpoint is removed.
 */
@Injectable()
export class IdleRepository {
  constructor(
    @InjectModel(InstalledPluginRefDocument.name) private readonly model: Model<InstalledPluginRefDocument>,
  ) {}

  /** Writes down when the bindings were last asked for; what is newer stays. */
  async noteCalls(calls: readonly (readonly [id: string, at: Date])[]): Promise<void> {
    const notes = calls.map(([id, at]) => ({
      updateOne: { filter: { _id: { $eq: id }, called_at: { $lt: at } }, update: { $set: { called_at: at } } },
    }));
    for (let from = 0; from < notes.length; from += NOTES_AT_A_TIME) {
      const some = notes.slice(from, from + NOTES_AT_A_TIME);
      await this.model.bulkWrite(some, { ordered: false, timestamps: false });
    }
  }

  /** @returns how many it has marked */
  async mark({ calledBefore, plugins }: IdleMatch): Promise<number> {
    const { modifiedCount } = await this.model.updateMany(
      { called_at: { $lt: calledBefore }, idle_since: null, plugin_id: plugins as { $in: string[] } },
      change({ idle_since: '$$NOW' }),
      { updatePipeline: true },
    );
    return modifiedCount;
  }

  /** Takes the mark off. @returns undefined where there is none, or no binding any more */
  async keep(id: string): Promise<Binding | undefined> {
    const document = await this.model
      .findOneAndUpdate(
        { _id: { $eq: id }, idle_since: { $ne: null } },
        change({ idle_since: null, called_at: '$$NOW' }),
        { returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    return document === null ? undefined : toBinding(document);
  }

  /** Some of those that have been marked for at least this time, in milliseconds. */
  async markedFor(time: number): Promise<IdleBinding[]> {
    const documents = await this.model
      // A range of the index, which the other condition is not: the time is the database's.
      .find({ idle_since: { $gt: new Date(0) }, $expr: { $lte: ['$idle_since', { $subtract: ['$$NOW', time] }] } })
      .limit(AT_A_TIME)
      .lean();
    return documents.map(({ _id, installed_plugin_id, idle_since }) => ({
      id: _id,
      installedPluginId: installed_plugin_id,
      idleSince: idle_since as Date,
    }));
  }

  /** Removes the binding if it still carries this mark. */
  async remove({ id, idleSince }: IdleBinding): Promise<boolean> {
    const { deletedCount } = await this.model.deleteOne({ _id: { $eq: id }, idle_since: { $eq: idleSince } });
    return deletedCount > 0;
  }
}
