import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, PipelineStage } from 'mongoose';
import type { Supervisor, SupervisorAnnouncement, SupervisorSettings, SupervisorState } from './supervisor.js';
import { toSupervisor } from './supervisor.mapper.js';
import { SupervisorDocument } from './supervisor.schema.js';

const literal = (value: unknown) => ({ $literal: value });

const inFuture = (ms: number) => ({ $add: ['$$NOW', ms] });

/** An update that reads the document it changes; every one moves the revision. */
function change(fields: Record<string, unknown>): PipelineStage.Set[] {
  return [{ $set: { ...fields, revision: { $add: [{ $ifNull: ['$revision', 0] }, 1] } } }];
}

/** The state of a supervisor that is heard from: one that was DISCONNECTED comes back as what it was. */
const heardFrom = {
  $cond: [{ $eq: ['$state', 'DISCONNECTED'] }, { $cond: ['$registered', 'ENABLED', 'PENDING'] }, '$state'],
};

/** Settings by their field names, those that are given. */
function given(settings: SupervisorSettings): Record<string, unknown> {
  const fields = {
    name: settings.name,
    is_public: settings.isPublic,
    priority: settings.priority,
    labels: settings.labels,
    tags: settings.tags,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Every write is one conditional update: it names the state or epoch that it expects. */
@Injectable()
export class SupervisorRepository {
  constructor(@InjectModel(SupervisorDocument.name) private readonly model: Model<SupervisorDocument>) {}

  async findById(id: string): Promise<Supervisor | undefined> {
    const document = await this.model.findById(id).lean();
    return document === null ? undefined : toSupervisor(document);
  }

  async findAll(): Promise<Supervisor[]> {
    return (await this.model.find().lean()).map(toSupervisor);
  }

  /**
   * Writes down that a supervisor has connected: made on first sight, its epoch one higher, its lease begun. Of what it
   * says of itself only what differs from the last time is taken over, so that it does not undo what its
   * administrators changed.
   */
  async connect(announcement: SupervisorAnnouncement, autoEnable: boolean, leaseMs: number): Promise<Supervisor> {
    return this.announce(announcement, autoEnable, leaseMs, { epoch: { $add: [{ $ifNull: ['$epoch', 0] }, 1] } });
  }

  /** The same for a supervisor that publishes now and then and keeps no connection. */
  async publish(announcement: SupervisorAnnouncement, autoEnable: boolean, leaseMs: number): Promise<Supervisor> {
    return this.announce(announcement, autoEnable, leaseMs, { epoch: { $ifNull: ['$epoch', 1] } });
  }

  /** Renews the lease of a connection; false when a newer connection has taken its place, or the supervisor is gone. */
  async renewLease(id: string, epoch: number, leaseMs: number): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      { _id: { $eq: id }, epoch: { $eq: epoch } },
      change({ lease_expires_at: inFuture(leaseMs), state: heardFrom }),
      { updatePipeline: true },
    );
    return matchedCount > 0;
  }

  /** A connection was closed in good order. */
  async releaseLease(id: string, epoch: number): Promise<void> {
    await this.model.updateOne(
      { _id: { $eq: id }, epoch: { $eq: epoch } },
      change({
        lease_expires_at: '$$NOW',
        state: { $cond: [{ $eq: ['$state', 'DISABLED'] }, 'DISABLED', 'DISCONNECTED'] },
      }),
      { updatePipeline: true },
    );
  }

  /** ENABLED or PENDING without a lease → DISCONNECTED. Returns how many. */
  async disconnectExpired(): Promise<number> {
    const { modifiedCount } = await this.model.updateMany(
      { state: { $in: ['ENABLED', 'PENDING'] }, $expr: { $lt: ['$lease_expires_at', '$$NOW'] } },
      change({ state: 'DISCONNECTED' }),
      { updatePipeline: true },
    );
    return modifiedCount;
  }

  /** Sets what is given; undefined when the domain has no such supervisor. */
  update(id: string, domainId: string, settings: SupervisorSettings): Promise<Supervisor | undefined> {
    return this.changeOwn(id, domainId, undefined, literals(given(settings)));
  }

  /** Accepts a supervisor: PENDING → ENABLED. */
  register(id: string, domainId: string, settings: SupervisorSettings): Promise<Supervisor | undefined> {
    return this.changeOwn(id, domainId, undefined, {
      ...literals(given(settings)),
      registered: true,
      state: { $cond: [{ $eq: ['$state', 'PENDING'] }, 'ENABLED', '$state'] },
    });
  }

  /** Moves to a state from one of the states named; undefined when it is in none of them. */
  moveTo(
    id: string,
    domainId: string,
    from: readonly SupervisorState[],
    state: SupervisorState,
  ): Promise<Supervisor | undefined> {
    return this.changeOwn(id, domainId, from, { state });
  }

  async delete(id: string, domainId: string): Promise<boolean> {
    const { deletedCount } = await this.model.deleteOne({ _id: { $eq: id }, domain_id: { $eq: domainId } });
    return deletedCount > 0;
  }

  private async announce(
    { domainId, hostname, name, isPublic, labels, tags, capacity }: SupervisorAnnouncement,
    autoEnable: boolean,
    leaseMs: number,
    fields: Record<string, unknown>,
  ): Promise<Supervisor> {
    const announced = { name, is_public: isPublic, labels, tags };
    /** The value that the field has had since somebody last changed it: the supervisor itself, or an administrator. */
    const latest = (field: keyof typeof announced, initial: unknown) => {
      const said = announced[field];
      if (said === undefined) return { $ifNull: [`$${field}`, literal(initial)] };
      const changed = { $ne: [`$announced.${field}`, literal(said)] };
      return { $cond: [changed, literal(said), { $ifNull: [`$${field}`, literal(said)] }] };
    };
    const document = await this.model
      .findOneAndUpdate(
        { domain_id: { $eq: domainId }, hostname: { $eq: hostname } },
        change({
          ...fields,
          _id: { $ifNull: ['$_id', `supervisor-${randomBytes(6).toString('hex')}`] },
          name: latest('name', name),
          is_public: latest('is_public', name === 'root'),
          labels: latest('labels', {}),
          tags: latest('tags', {}),
          announced: literal(announced),
          capacity: capacity ?? { $ifNull: ['$capacity', 0] },
          priority: { $ifNull: ['$priority', 0] },
          registered: { $ifNull: ['$registered', autoEnable] },
          state: { $cond: [{ $eq: [{ $type: '$state' }, 'missing'] }, autoEnable ? 'ENABLED' : 'PENDING', heardFrom] },
          lease_expires_at: inFuture(leaseMs),
          created_at: { $ifNull: ['$created_at', '$$NOW'] },
          updated_at: '$$NOW',
        }),
        { upsert: true, returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    return toSupervisor(document);
  }

  private async changeOwn(
    id: string,
    domainId: string,
    from: readonly SupervisorState[] | undefined,
    fields: Record<string, unknown>,
  ): Promise<Supervisor | undefined> {
    const document = await this.model
      .findOneAndUpdate(
        { _id: { $eq: id }, domain_id: { $eq: domainId }, ...(from && { state: { $in: [...from] } }) },
        change({ ...fields, updated_at: '$$NOW' }),
        { returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    return document === null ? undefined : toSupervisor(document);
  }
}

function literals(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, literal(value)]));
}
