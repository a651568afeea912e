import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { Transitioned } from '../database/transitions.js';
import { toTransitioned } from './installed-plugin.mapper.js';
import { InstalledPluginDocument } from './installed-plugin.schema.js';

@Injectable()
export class InstanceTransitionRepository {
  constructor(@InjectModel(InstalledPluginDocument.name) private readonly model: Model<InstalledPluginDocument>) {}

  /** Instances that have changed since the time, with their latest transitions. */
  async since(time: Date): Promise<Transitioned[]> {
    return (await this.model.find({ updated_at: { $gte: time } }).lean()).map(toTransitioned);
  }
}
