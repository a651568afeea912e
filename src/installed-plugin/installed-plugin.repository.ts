import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { type Binding, type BindingTarget, type InstalledPlugin, installedPluginId } from './installed-plugin.js';
import { toInstalledPlugin } from './installed-plugin.mapper.js';
import { InstalledPluginDocument } from './installed-plugin.schema.js';
import { firstTransitions, literal, made, moved } from './installed-plugin.update.js';
import type { InstanceReport } from './instance-report.js';
import { reasonOf } from './reason.js';
import type { Session } from './session.js';

type Filter = QueryFilter<InstalledPluginDocument>;

/** Every write is one conditional update: it names the state, generation or epoch that it expects. */
@Injectable()
export class InstalledPluginRepository {
  constructor(@InjectModel(InstalledPluginDocument.name) private readonly model: Model<InstalledPluginDocument>) {}

  async findById(id: string): Promise<InstalledPlugin | undefined> {
    const document = await this.model.findById(id).lean();
    return document === null ? undefined : toInstalledPlugin(document);
  }

  async findBySupervisor(supervisorId: string): Promise<InstalledPlugin[]> {
    return (await this.model.find({ supervisor_id: { $eq: supervisorId } }).lean()).map(toInstalledPlugin);
  }

  /** Every instance of the plugin version. */
  async findByVersion(pluginId: string, version: string): Promise<InstalledPlugin[]> {
    const documents = await this.model.find({ plugin_id: { $eq: pluginId }, version: { $eq: version } }).lean();
    return documents.map(toInstalledPlugin);
  }

  /** How many instances each of the supervisors has. */
  async countBySupervisors(supervisorIds: readonly string[]): Promise<Map<string, number>> {
    const counts = await this.model.aggregate<{ _id: string; count: number }>([
      { $match: { supervisor_id: { $in: [...supervisorIds] } } },
      { $group: { _id: '$supervisor_id', count: { $sum: 1 } } },
    ]);
    return new Map(counts.map(({ _id, count }) => [_id, count]));
  }

  countBySupervisor(supervisorId: string): Promise<number> {
    return this.model.countDocuments({ supervisor_id: { $eq: supervisorId } });
  }

  /** The instance that a binding names, written down as PROVISIONING if nobody did before; it is not removed now. */
  async ensure(binding: Binding, target: BindingTarget): Promise<{ plugin: InstalledPlugin; isNew: boolean }> {
    const id = installedPluginId(target.supervisorId, binding.pluginId, binding.version);
    // Who removes it marks it, and then looks for bindings: where there is no mark yet, this one will be found.
    const known = await this.model.findById(id).lean();
    if (known !== null && (known.retiring ?? null) === null) return { plugin: toInstalledPlugin(known), isNew: false };
    const fields = {
      supervisor_id: target.supervisorId,
      supervisor_domain_id: target.supervisorDomainId,
      plugin_id: binding.pluginId,
      version: binding.version,
      domain_id: binding.domainId,
      private_to: binding.privateTo,
      state: 'PROVISIONING',
      state_reason: '',
      generation: 1,
      observed_generation: 0,
      after_incarnation: 0,
      incarnation: 0,
      epoch: 0,
      endpoints: [],
      failed_endpoints: [],
      told: 0,
      told_at: 0,
      published: 0,
      restarts: 0,
      next_start_at: null,
    };
    const { value, lastErrorObject } = await this.model.findOneAndUpdate(
      { _id: id },
      [...made(fields, { transitions: firstTransitions }), { $set: { retiring: null } }],
      { upsert: true, updatePipeline: true, returnDocument: 'after', includeResultMetadata: true, lean: true },
    );
    return {
      plugin: toInstalledPlugin(value as InstalledPluginDocument),
      isNew: lastErrorObject?.['updatedExisting'] === false,
    };
  }

  /** Reports of this connection count from now on, those of older ones do not. */
  async fence({ supervisorId, epoch }: Session): Promise<void> {
    await this.model.updateMany(
      { supervisor_id: { $eq: supervisorId }, epoch: { $lt: epoch } },
      { $set: { epoch }, $inc: { revision: 1 } },
    );
  }

  /**
   * The reports that may change something, of those of a supervisor that has connected: it reports all that it runs, and
   * what it says of an instance that is known as just that, or that was removed, would be written to no document. What
   * happens to an instance after it was read here comes after the report, as if that had been written then.
   */
  async newsAmong({ supervisorId }: Session, reports: readonly InstanceReport[]): Promise<InstanceReport[]> {
    const known = new Map((await this.findBySupervisor(supervisorId)).map((plugin) => [plugin.id, plugin]));
    return reports.filter((report) => {
      const plugin = known.get(installedPluginId(supervisorId, report.pluginId, report.version));
      if (plugin === undefined) return false;
      const serving = report.phase === 'READY' && plugin.state === 'ACTIVE';
      const same = report.incarnation === plugin.incarnation && isDeepStrictEqual(report.endpoints, plugin.endpoints);
      return !(serving && same);
    });
  }

  /** A ready instance makes its generation ACTIVE. */
  markReady(session: Session, report: InstanceReport): Promise<boolean> {
    const same = { $eq: ['$incarnation', report.incarnation] };
    return this.apply(
      session,
      report,
      {
        $or: [
          { state: { $ne: 'ACTIVE' } },
          { incarnation: { $ne: report.incarnation } },
          { endpoints: { $ne: [...report.endpoints] } },
        ],
      },
      {
        state: 'ACTIVE',
        state_reason: '',
        observed_generation: report.generation,
        endpoints: literal([...report.endpoints]),
        failed_endpoints: [],
        next_start_at: null,
        ready_at: { $cond: [{ $and: [{ $eq: ['$state', 'ACTIVE'] }, same] }, '$ready_at', '$$NOW'] },
      },
    );
  }

  /**
   * The instance does not serve: what was ACTIVE, or given up, is started anew by its supervisor; what is on its way has
   * news of what it waits for, or of why it has to begin again. Endpoints that are reported all the same are the least bad.
   */
  markStarting(session: Session, report: InstanceReport): Promise<boolean> {
    const reason = reasonOf(report);
    const endpoints = [...report.endpoints];
    const news: Filter = {
      state: { $in: ['PROVISIONING', 'RE_PROVISIONING'] },
      $or: [{ endpoints: { $ne: endpoints } }, ...(reason === '' ? [] : [{ state_reason: { $ne: reason } }])],
    };
    return this.apply(
      session,
      report,
      { $or: [{ state: { $in: ['ACTIVE', 'ERROR'] } }, news] },
      {
        state: { $cond: [{ $eq: ['$state', 'PROVISIONING'] }, 'PROVISIONING', 'RE_PROVISIONING'] },
        state_reason: reason,
        endpoints: literal(endpoints),
        next_start_at: report.nextStartAt,
      },
    );
  }

  /** The supervisor has given the instance up for now. */
  markFailed(session: Session, report: InstanceReport): Promise<boolean> {
    return this.apply(
      session,
      report,
      {},
      {
        state: 'ERROR',
        state_reason: reasonOf(report),
        fault: report.fault,
        endpoints: [],
        next_start_at: report.nextStartAt,
      },
    );
  }

  /**
   * Instances that the supervisor, newly connected, does not know of. Whatever it starts for them counts on from the
   * last incarnation that was reported, so that it is told apart from what was lost.
   */
  async markMissing({ supervisorId, epoch }: Session, reportedIds: readonly string[]): Promise<void> {
    await this.model.updateMany(
      {
        supervisor_id: { $eq: supervisorId },
        epoch: { $lte: epoch },
        _id: { $nin: [...reportedIds] },
        $or: [{ state: 'ACTIVE' }, { $expr: { $gt: ['$incarnation', '$after_incarnation'] } }],
      },
      moved('supervisor', {
        state: { $cond: [{ $eq: ['$state', 'ACTIVE'] }, 'RE_PROVISIONING', '$state'] },
        state_reason: 'its supervisor does not run it any more',
        after_incarnation: '$incarnation',
        endpoints: [],
      }),
      { updatePipeline: true },
    );
  }

  private async apply(
    { supervisorId, epoch }: Session,
    report: InstanceReport,
    condition: Filter,
    fields: Parameters<typeof moved>[1],
  ): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      {
        _id: { $eq: installedPluginId(supervisorId, report.pluginId, report.version) },
        epoch: { $lte: epoch },
        created_at: { $eq: report.assignedAt },
        generation: { $eq: report.generation },
        incarnation: { $lte: report.incarnation },
        ...condition,
      },
      moved('supervisor', { ...fields, incarnation: report.incarnation, restarts: report.restarts, epoch }),
      { updatePipeline: true },
    );
    return matchedCount > 0;
  }
}
