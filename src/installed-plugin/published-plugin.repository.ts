import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { installedPluginId } from './installed-plugin.js';
import { InstalledPluginDocument } from './installed-plugin.schema.js';
import { literal, moved } from './installed-plugin.update.js';
import type { PublishedPlugin, PublishSession } from './published-plugin.js';

type ReadInstance = Pick<InstalledPluginDocument, 'state' | 'endpoints' | 'failed_endpoints'>;
type Filter = QueryFilter<InstalledPluginDocument>;

/** Nobody waits for a replacement: what the supervisor says is about what is wanted. */
const settled = {
  $expr: { $or: [{ $lte: ['$generation', 1] }, { $gte: ['$observed_generation', '$generation'] }] },
};

/**
 * What supervisors without a link say of their instances. They know no generations: while a replacement is wanted,
 * what they publish may still be about the instance that was complained of. It counts
 *
 * - when it names an endpoint that nobody complained of: that is the replacement;
 * - where a replacement gets the same endpoint (a Kubernetes service): when the supervisor has been told of the wish, has
 *   published, and has asked again. It asks again only when it has done what it was told before, so what it publishes
 *   from then on is about the replacement. See {@link DeliveryRepository}.
 *
 * Every write is one conditional update, refused to an older connection and to an older publish.
 */
@Injectable()
export class PublishedPluginRepository {
  constructor(@InjectModel(InstalledPluginDocument.name) private readonly model: Model<InstalledPluginDocument>) {}

  /**
   * The statements that may change something. A supervisor publishes all that it runs again and again: what it says of an
   * instance that is known as just that, or that nobody wants, would be written to no document, and one read tells it of
   * all. What happens to an instance after that read comes after the statement, as if it had been written then.
   */
  async newsAmong(
    { supervisorId }: PublishSession,
    statements: readonly PublishedPlugin[],
  ): Promise<PublishedPlugin[]> {
    const documents = await this.model
      .find({ supervisor_id: { $eq: supervisorId } }, { state: 1, endpoints: 1, failed_endpoints: 1 })
      .lean();
    const known = new Map(documents.map((document) => [document._id, document]));
    return statements.filter((statement) => {
      const document = known.get(installedPluginId(supervisorId, statement.pluginId, statement.version));
      return document !== undefined && !isKnown(statement, document);
    });
  }

  /** The supervisor says that the instance serves: ACTIVE, at the endpoints that nobody complained of if there are any. */
  async markServing(session: PublishSession, { pluginId, version, endpoints }: PublishedPlugin): Promise<boolean> {
    const said = literal([...endpoints]);
    const complained = { $in: ['$$endpoint', '$failed_endpoints'] };
    const fresh = { $filter: { input: said, as: 'endpoint', cond: { $not: [complained] } } };
    const old = { $filter: { input: said, as: 'endpoint', cond: complained } };
    const allOld = { $eq: [fresh, []] };
    const serving = { $cond: [allOld, said, fresh] };
    return this.update(
      session,
      installedPluginId(session.supervisorId, pluginId, version),
      {
        $or: counts(session, endpoints),
        $expr: { $or: [{ $ne: ['$state', 'ACTIVE'] }, { $ne: ['$endpoints', serving] }] },
      },
      {
        state: 'ACTIVE',
        state_reason: '',
        endpoints: serving,
        // Both may be published for a while yet.
        failed_endpoints: { $cond: [allOld, [], old] },
        observed_generation: '$generation',
        ready_at: { $cond: [{ $eq: ['$state', 'ACTIVE'] }, '$ready_at', '$$NOW'] },
        told: 0,
      },
    );
  }

  /** The supervisor says that the instance does not serve yet, or not any more, or not where. */
  async markStarting(session: PublishSession, { pluginId, version, reason }: PublishedPlugin): Promise<boolean> {
    const said = reason ?? 'its supervisor says that it is not ready';
    return this.update(
      session,
      installedPluginId(session.supervisorId, pluginId, version),
      { $or: [{ state: 'ACTIVE' }, { state: 'PROVISIONING', state_reason: { $ne: said } }] },
      { state: 'PROVISIONING', state_reason: said, endpoints: [] },
    );
  }

  /** The supervisor says that the instance does not run. It tries anew by itself, as long as the state is ERROR. */
  async markFailed(session: PublishSession, { pluginId, version, endpoints }: PublishedPlugin): Promise<boolean> {
    return this.update(
      session,
      installedPluginId(session.supervisorId, pluginId, version),
      { state: { $ne: 'ERROR' }, $or: counts(session, endpoints) },
      {
        state: 'ERROR',
        state_reason: 'its supervisor says that it does not run',
        fault: 'PASSING',
        endpoints: [],
        observed_generation: '$generation',
        next_start_at: null,
        told: 0,
      },
    );
  }

  /**
   * Instances that were ACTIVE and that the supervisor does not publish any more. PROVISIONING has it deploy those that it
   * does not run, and leaves alone those that it has only not seen this time. Returns how many.
   */
  async markMissing(session: PublishSession, publishedIds: readonly string[]): Promise<number> {
    const { modifiedCount } = await this.model.updateMany(
      {
        ...notNewerThan(session),
        supervisor_id: { $eq: session.supervisorId },
        state: 'ACTIVE',
        _id: { $nin: [...publishedIds] },
      },
      moved('supervisor', {
        state: 'PROVISIONING',
        state_reason: 'its supervisor does not run it any more',
        endpoints: [],
        told: 0,
        published: session.number,
      }),
      { updatePipeline: true },
    );
    return modifiedCount;
  }

  private async update(
    session: PublishSession,
    id: string,
    condition: Filter,
    fields: Parameters<typeof moved>[1],
  ): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      { _id: { $eq: id }, ...notNewerThan(session), ...condition },
      moved('supervisor', { ...fields, published: session.number }),
      { updatePipeline: true },
    );
    return matchedCount > 0;
  }
}

/** Whether the instance is known as the statement has it: the conditions of the writes, for one that was read. */
function isKnown({ phase, endpoints }: PublishedPlugin, read: ReadInstance): boolean {
  switch (phase) {
    case 'SERVING': {
      const fresh = endpoints.filter((endpoint) => !read.failed_endpoints.includes(endpoint));
      return read.state === 'ACTIVE' && isDeepStrictEqual(read.endpoints, fresh.length > 0 ? fresh : endpoints);
    }
    case 'FAILED':
      return read.state === 'ERROR';
    case 'STARTING':
      return false;
  }
}

/** When a statement with these endpoints is about what is wanted; see {@link PublishedPluginRepository}. */
function counts({ number }: PublishSession, endpoints: readonly string[]): Filter[] {
  return [
    settled,
    { told: { $gte: 2 }, told_at: { $lt: number } },
    ...(endpoints.length > 0 ? [{ failed_endpoints: { $not: { $all: [...endpoints] } } }] : []),
  ];
}

function notNewerThan({ epoch, number }: PublishSession): Filter {
  return { epoch: { $lte: epoch }, published: { $not: { $gte: number } } };
}
