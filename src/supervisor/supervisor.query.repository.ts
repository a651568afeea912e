import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, PipelineStage } from 'mongoose';
import {
  type CompiledQuery,
  type CompiledStat,
  QUERY_TIME,
  type Rows,
  runQuery,
  runStat,
  type Stage,
} from '../query/index.js';
import { SupervisorDocument } from './supervisor.schema.js';

/** Fields that rows must equal; undefined asks for nothing. */
export interface SupervisorMatch {
  readonly supervisorId?: string | undefined;
  readonly name?: string | undefined;
  readonly isPublic?: boolean | undefined;
}

/** Fields that are the server's own and that no statistics may read. */
const INTERNAL = [
  'announced',
  'capacity',
  'disabled',
  'epoch',
  'lease_expires_at',
  'linked',
  'lost',
  'publish_pauses',
  'published_at',
  'publishes',
  'registered',
  'revision',
];

/** Supervisors as queries see them: the domain's own, and the public ones of others. */
@Injectable()
export class SupervisorQueryRepository {
  constructor(@InjectModel(SupervisorDocument.name) private readonly model: Model<SupervisorDocument>) {}

  findVisible(
    domainId: string,
    { supervisorId, name, isPublic }: SupervisorMatch,
    query: CompiledQuery,
  ): Promise<Rows> {
    const wanted = {
      ...(supervisorId !== undefined && { _id: { $eq: supervisorId } }),
      ...(name !== undefined && { name: { $eq: name } }),
      ...(isPublic !== undefined && { is_public: { $eq: isPublic } }),
    };
    return runQuery(query, this.visible(domainId, wanted), this.aggregate);
  }

  statVisible(domainId: string, stat: CompiledStat): Promise<Record<string, unknown>> {
    return runStat(stat, this.visible(domainId, {}), this.aggregate);
  }

  private visible(domainId: string, wanted: Record<string, unknown>): Stage[] {
    return [
      { $match: { $or: [{ domain_id: { $eq: domainId } }, { is_public: true }], ...wanted } },
      { $unset: INTERNAL },
    ];
  }

  private readonly aggregate = (pipeline: readonly Stage[]): Promise<Record<string, unknown>[]> =>
    this.model
      .aggregate<Record<string, unknown>>(pipeline as unknown as PipelineStage[])
      .option(QUERY_TIME)
      .exec();
}
