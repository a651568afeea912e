import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, PipelineStage } from 'mongoose';
import { type CompiledQuery, QUERY_TIME, type Rows, runQuery, type Stage } from '../query/index.js';
import { InstalledPluginDocument } from './installed-plugin.schema.js';

/** Fields that rows must equal, by the names of `installedPluginFields`; undefined asks for nothing. */
export type InstalledPluginMatch = Readonly<
  Partial<Record<'supervisor_id' | 'hostname' | 'plugin_id' | 'version' | 'state' | 'endpoint', string>>
>;

/** Installed plugins joined with their supervisors, as queries see them. */
@Injectable()
export class InstalledPluginQueryRepository {
  constructor(@InjectModel(InstalledPluginDocument.name) private readonly model: Model<InstalledPluginDocument>) {}

  /**
   * The instances on the domain's own supervisors, and those that it is bound to elsewhere, each once. A row of another
   * domain's supervisor tells the asking domain, not who asked first.
   */
  findVisible(
    domainId: string,
    boundIds: readonly string[],
    match: InstalledPluginMatch,
    query: CompiledQuery,
  ): Promise<Rows> {
    const own = { supervisor_domain_id: { $eq: domainId } };
    const { hostname, endpoint, ...fields } = match;
    const scope: Stage[] = [
      {
        $match: {
          $or: [own, { _id: { $in: [...boundIds] } }],
          ...equal(fields),
          // Any of them: callers are given them in turn.
          ...equal({ endpoints: endpoint }),
        },
      },
      { $lookup: { from: 'supervisors', localField: 'supervisor_id', foreignField: '_id', as: 'supervisor' } },
      ...(hostname === undefined ? [] : [{ $match: equal({ 'supervisor.hostname': hostname }) }]),
      {
        $project: {
          plugin_id: 1,
          version: 1,
          state: 1,
          endpoints: 1,
          supervisor_id: 1,
          endpoint: { $ifNull: [{ $arrayElemAt: ['$endpoints', 0] }, ''] },
          managed: { $literal: true },
          own: { $eq: ['$supervisor_domain_id', { $literal: domainId }] },
          generation: 1,
          told: 1,
          told_at: 1,
          linked: { $arrayElemAt: ['$supervisor.linked', 0] },
          publishes: { $arrayElemAt: ['$supervisor.publishes', 0] },
          supervisor_name: { $ifNull: [{ $arrayElemAt: ['$supervisor.name', 0] }, ''] },
          hostname: { $ifNull: [{ $arrayElemAt: ['$supervisor.hostname', 0] }, ''] },
          domain_id: {
            $cond: [{ $eq: ['$supervisor_domain_id', { $literal: domainId }] }, '$domain_id', { $literal: domainId }],
          },
        },
      },
    ];
    return runQuery(query, scope, (pipeline) =>
      this.model
        .aggregate<Record<string, unknown>>(pipeline as unknown as PipelineStage[])
        .option(QUERY_TIME)
        .exec(),
    );
  }
}

/** A filter of the values that are given. */
function equal(values: Readonly<Record<string, string | undefined>>): Record<string, { $eq: string }> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([field, value]) => (value === undefined ? [] : [[field, { $eq: value }]])),
  );
}
