import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { Transitioned } from '../database/transitions.js';
import type { InstalledPlugin } from './installed-plugin.js';
import { toInstalledPlugin, toTransitioned } from './installed-plugin.mapper.js';
import { InstalledPluginDocument } from './installed-plugin.schema.js';
import { change, literal } from './installed-plugin.update.js';
import { InstalledPluginRefDocument } from './installed-plugin-ref.schema.js';

/** An instance that there is no more, and what became of it last. */
export interface Removed {
  readonly instance: InstalledPlugin;
  readonly changed: Transitioned;
}

/**
 * Removes instances that nobody is bound to, without a moment in which somebody may be bound to what is removed:
 * an instance is marked first, then it is looked who is bound to it, and it is removed if the mark is still there. Who
 * binds to it looks for the mark after the binding is written, and takes it off.
 */
@Injectable()
export class RemovalRepository {
  constructor(
    @InjectModel(InstalledPluginDocument.name) private readonly plugins: Model<InstalledPluginDocument>,
    @InjectModel(InstalledPluginRefDocument.name) private readonly bindings: Model<InstalledPluginRefDocument>,
  ) {}

  /** Ids of the supervisor's instances that nobody is bound to at the moment. */
  async unboundOf(supervisorId: string): Promise<string[]> {
    const ids: string[] = await this.plugins.distinct('_id', { supervisor_id: { $eq: supervisorId } });
    const bound: string[] = await this.bindings.distinct('installed_plugin_id', { installed_plugin_id: { $in: ids } });
    const kept = new Set(bound);
    return ids.filter((id) => !kept.has(id));
  }

  async isBound(id: string): Promise<boolean> {
    return (await this.bindings.exists({ installed_plugin_id: { $eq: id } })) !== null;
  }

  /**
   * @param mark names who wants to remove it: the last one to mark it may
   * @returns whether it is still there
   */
  async mark(id: string, mark: string): Promise<boolean> {
    const update = change({ retiring: literal(mark) });
    const { matchedCount } = await this.plugins.updateOne({ _id: { $eq: id } }, update, { updatePipeline: true });
    return matchedCount > 0;
  }

  async unmark(id: string, mark: string): Promise<void> {
    await this.plugins.updateOne({ _id: { $eq: id }, retiring: { $eq: mark } }, change({ retiring: null }), {
      updatePipeline: true,
    });
  }

  /** Removes the instance if it still carries the mark. */
  async delete(id: string, mark: string): Promise<Removed | undefined> {
    const document = await this.plugins.findOneAndDelete({ _id: { $eq: id }, retiring: { $eq: mark } }).lean();
    return document === null ? undefined : { instance: toInstalledPlugin(document), changed: toTransitioned(document) };
  }
}
