import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { CUT } from '../common/text/clip.js';
import { InstanceOutputDocument } from './instance-output.schema.js';

/** Of so many instances it is kept: of those that failed last. 36 MB, if all of them print as much as is told. */
const KEPT = 500;
/** So many are removed at a time. */
const REMOVED = 100;

/** What instances printed before they failed last: only to be read by people. */
@Injectable()
export class InstanceOutputRepository {
  constructor(@InjectModel(InstanceOutputDocument.name) private readonly model: Model<InstanceOutputDocument>) {}

  /** Undefined where nothing is kept. */
  async find(id: string): Promise<string | undefined> {
    return (await this.model.findById(id).lean())?.output;
  }

  /** Keeps the output in the place of an older one. One that is known, and was only cut shorter, changes nothing. */
  async keep(id: string, output: string): Promise<void> {
    const known = await this.find(id);
    const said = output.startsWith(CUT) ? output.slice(CUT.length).trimStart() : output;
    if (known?.endsWith(said)) return;
    await this.model.replaceOne({ _id: { $eq: id } }, { output, at: new Date() }, { upsert: true });
    const oldest = await this.model.find({}, { _id: 1 }).sort({ at: -1 }).skip(KEPT).limit(REMOVED).lean();
    if (oldest.length > 0) await this.model.deleteMany({ _id: { $in: oldest.map(({ _id }) => _id) } });
  }

  async remove(id: string): Promise<void> {
    await this.model.deleteOne({ _id: { $eq: id } });
  }
}
