import { Inject, Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { LeaseRenewal, Supervisor, SupervisorSettings } from './supervisor.js';
import type { Transitioned } from '../database/transitions.js';
import { toSupervisor, toTransitioned } from './supervisor.mapper.js';
import { SUPERVISOR_OPTIONS, type SupervisorOptions } from './supervisor.options.js';
import { SupervisorDocument } from './supervisor.schema.js';
import { actionEffects, statesFor, type SupervisorAction } from './supervisor-state.js';
import { type Cause, inFuture, literal, pendingSince, supervisorUpdate } from './supervisor-update.js';

const HEARD: Cause = { by: 'supervisor', reason: 'it was heard from' };
const DEPARTED: Cause = { by: 'supervisor', reason: 'it said goodbye' };
const SILENT: Cause = { by: 'berth', reason: 'it is not heard from' };
const LOST: Cause = { by: 'berth', reason: 'it was not heard from in time' };
const UNREGISTERED: Cause = { by: 'berth', reason: 'nobody registered it in time' };

/** As values that an index has. */
const notLost = { $in: [false, null] };

/** What is known of supervisors. Every write is one conditional update: it names the state or epoch that it expects. */
@Injectable()
export class SupervisorRepository {
  constructor(
    @InjectModel(SupervisorDocument.name) private readonly model: Model<SupervisorDocument>,
    @Inject(SUPERVISOR_OPTIONS) private readonly options: SupervisorOptions,
  ) {}

  async findById(id: string): Promise<Supervisor | undefined> {
    const document = await this.model.findById(id).lean();
    return document === null ? undefined : toSupervisor(document);
  }

  async findAll(): Promise<Supervisor[]> {
    return (await this.model.find().lean()).map(toSupervisor);
  }

  /** Renews the lease of a connection. */
  async renewLease(id: string, epoch: number, leaseMs: number): Promise<LeaseRenewal> {
    const { matchedCount } = await this.model.updateOne(
      { _id: { $eq: id }, epoch: { $eq: epoch } },
      this.change(HEARD, { lease_expires_at: inFuture(leaseMs), lost: false, silent: false }),
      { updatePipeline: true },
    );
    if (matchedCount > 0) return 'renewed';
    const supervisor = await this.findById(id);
    return supervisor === undefined || supervisor.lost ? 'over' : 'replaced';
  }

  /** A connection was closed in good order. */
  async releaseLease(id: string, epoch: number): Promise<void> {
    await this.model.updateOne(
      { _id: { $eq: id }, epoch: { $eq: epoch } },
      this.change(DEPARTED, { lease_expires_at: '$$NOW', lost: true, departed: true }),
      { updatePipeline: true },
    );
  }

  /** A connection broke: the supervisor has this much time left to come back, in milliseconds. */
  async shortenLease(id: string, epoch: number, leaseMs: number): Promise<void> {
    await this.model.updateOne(
      { _id: { $eq: id }, epoch: { $eq: epoch }, lost: { $ne: true } },
      this.change(SILENT, { lease_expires_at: { $min: ['$lease_expires_at', inFuture(leaseMs)] }, silent: true }),
      { updatePipeline: true },
    );
  }

  /**
   * Whether one of the three below would find a supervisor: with one command instead of theirs, most of the time.
   *
   * @param silentMs as {@link markSilent} is given it
   */
  async isAnyDue(silentMs: number): Promise<boolean> {
    return (await this.model.exists({ $or: [goingSilent(silentMs), expired, this.unregistered] })) !== null;
  }

  /** Marks the linked supervisors whose lease has only this much time left, in milliseconds. Returns how many. */
  async markSilent(leaseMs: number): Promise<number> {
    const { modifiedCount } = await this.model.updateMany(goingSilent(leaseMs), this.change(SILENT, { silent: true }), {
      updatePipeline: true,
    });
    return modifiedCount;
  }

  /**
   * Ends a lease that has run out; undefined when there is none. A link that it belonged to counts no more: whoever
   * wakes up behind it has to connect anew.
   */
  async disconnectExpired(): Promise<Supervisor | undefined> {
    const document = await this.model
      .findOneAndUpdate(
        expired,
        this.change(LOST, { lost: true, silent: false, epoch: { $add: ['$epoch', { $cond: ['$linked', 1, 0] }] } }),
        { returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    return document === null ? undefined : toSupervisor(document);
  }

  /** PENDING for too long → DISCONNECTED. Returns how many. */
  async disconnectUnregistered(): Promise<number> {
    const { modifiedCount } = await this.model.updateMany(this.unregistered, this.change(UNREGISTERED, {}), {
      updatePipeline: true,
    });
    return modifiedCount;
  }

  /** Sets what is given; undefined when the domain has no such supervisor. */
  update(id: string, domainId: string, settings: SupervisorSettings): Promise<Supervisor | undefined> {
    return this.changeOwn(id, domainId, 'update', {}, given(settings));
  }

  /** Does what its table allows, and sets what is given; undefined when the domain has no such supervisor in such a state. */
  act(
    action: SupervisorAction,
    id: string,
    domainId: string,
    settings: SupervisorSettings = {},
  ): Promise<Supervisor | undefined> {
    const possible = { state: { $in: statesFor(action) } };
    return this.changeOwn(id, domainId, action, possible, { ...given(settings), ...actionEffects[action] });
  }

  /** @returns what there was; undefined when the domain has no such supervisor */
  async delete(id: string, domainId: string): Promise<Supervisor | undefined> {
    const document = await this.model.findOneAndDelete({ _id: { $eq: id }, domain_id: { $eq: domainId } }).lean();
    return document === null ? undefined : toSupervisor(document);
  }

  /** Every supervisor, with its latest transitions. */
  async transitions(): Promise<Transitioned[]> {
    return (await this.model.find().lean()).map(toTransitioned);
  }

  private get unregistered() {
    return { state: 'PENDING' as const, $expr: { $lte: ['$created_at', pendingSince(this.options.pendingTimeout)] } };
  }

  private change(cause: Cause, fields: Record<string, unknown>) {
    return supervisorUpdate(this.options.pendingTimeout, cause, fields);
  }

  private async changeOwn(
    id: string,
    domainId: string,
    action: SupervisorAction | 'update',
    condition: Record<string, unknown>,
    fields: Record<string, unknown>,
  ): Promise<Supervisor | undefined> {
    const document = await this.model
      .findOneAndUpdate(
        { _id: { $eq: id }, domain_id: { $eq: domainId }, ...condition },
        this.change({ by: 'caller', reason: `${action} was called` }, { ...fields, updated_at: '$$NOW' }),
        { returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    return document === null ? undefined : toSupervisor(document);
  }
}

/** Linked, with a lease that has only this much time left, in milliseconds. */
const goingSilent = (leaseMs: number) => ({
  linked: true,
  lost: notLost,
  silent: { $ne: true },
  $expr: { $lt: ['$lease_expires_at', inFuture(leaseMs)] },
});

const expired = { lost: notLost, $expr: { $lt: ['$lease_expires_at', '$$NOW'] } };

/** Settings by their field names, those that are given. */
function given(settings: SupervisorSettings): Record<string, unknown> {
  const fields = {
    name: settings.name,
    is_public: settings.isPublic,
    priority: settings.priority,
    labels: settings.labels,
    tags: settings.tags,
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, literal(value)]])),
  );
}
