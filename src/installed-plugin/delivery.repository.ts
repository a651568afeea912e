import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { InstalledPluginState } from './installed-plugin.js';
import { InstalledPluginDocument } from './installed-plugin.schema.js';
import { moved } from './installed-plugin.update.js';

/** A row that a supervisor without a link is answered when it asks what it shall run. */
export interface Delivery {
  readonly id: string;
  readonly state: InstalledPluginState;
  readonly generation: number;
  /** How often it has been told of the generation: 0, 1 or 2. */
  readonly told: number;
  /** How often it had published when it was told the last time. */
  readonly toldAt: number;
  /** How often it has published. */
  readonly publishes: number;
}

/**
 * Remembers what supervisors without a link have been told.
 *
 * RE_PROVISIONING makes such a supervisor deploy anew each time that it reads it. So it is told once for each generation,
 * and reads PROVISIONING from then on. That it asks again, after a publish, means that it has done what it was told.
 */
@Injectable()
export class DeliveryRepository {
  constructor(@InjectModel(InstalledPluginDocument.name) private readonly model: Model<InstalledPluginDocument>) {}

  /** Each row is marked only if it still is what the supervisor is told. */
  async markTold(rows: readonly Delivery[]): Promise<void> {
    const marks = rows.filter(isNews).map(({ id, state, generation, told, publishes }) => ({
      updateOne: {
        filter: { _id: { $eq: id }, state: { $eq: state }, generation: { $eq: generation }, told: { $eq: told } },
        update: moved('supervisor', {
          state: 'PROVISIONING',
          state_reason: 'its supervisor was told to deploy it',
          told_at: publishes,
          told: { $add: [{ $ifNull: ['$told', 0] }, 1] },
        }),
        updatePipeline: true,
      },
    }));
    if (marks.length > 0) await this.model.bulkWrite(marks, { ordered: false });
  }
}

function isNews({ state, told, toldAt, publishes }: Delivery): boolean {
  return state === 'RE_PROVISIONING' || (state === 'PROVISIONING' && told === 1 && publishes > toldAt);
}
