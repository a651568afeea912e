import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { publishLease, publishRhythm } from './publish-rhythm.js';
import type { Publication, Supervisor, SupervisorAnnouncement } from './supervisor.js';
import { toSupervisor } from './supervisor.mapper.js';
import { SUPERVISOR_OPTIONS, type SupervisorOptions } from './supervisor.options.js';
import { SupervisorDocument } from './supervisor.schema.js';
import { type Cause, inFuture, literal, supervisorUpdate } from './supervisor-update.js';

const CONNECTED: Cause = { by: 'supervisor', reason: 'it has connected' };
const PUBLISHED: Cause = { by: 'supervisor', reason: 'it has published' };

/** The name of a supervisor that serves every domain. */
const ROOT = 'root';

/** Database error of a write that would break a unique index. */
const DUPLICATE_KEY = 11_000;

/** Two first announcements may meet in the unique index; the second try finds what the other has written. */
const TRIES = 3;

const counted = (field: string) => ({ $add: [{ $ifNull: [`$${field}`, 0] }, 1] });

/** Supervisors as they make themselves known: by a link that they keep, or by publishing now and then. */
@Injectable()
export class SupervisorAnnouncementRepository {
  constructor(
    @InjectModel(SupervisorDocument.name) private readonly model: Model<SupervisorDocument>,
    @Inject(SUPERVISOR_OPTIONS) private readonly options: SupervisorOptions,
  ) {}

  /** Writes down that a supervisor has connected: made on first sight, its epoch one higher, its lease begun. */
  async connect(announcement: SupervisorAnnouncement, leaseMs: number): Promise<Supervisor> {
    const document = await this.announce(announcement, CONNECTED, {}, [
      { epoch: counted('epoch'), linked: true, lease_expires_at: inFuture(leaseMs) },
    ]);
    if (document === undefined) throw new Error('A supervisor could not be written down.');
    return toSupervisor(document);
  }

  /**
   * The same for a supervisor that publishes; undefined while a link keeps it connected, which is not disturbed. One
   * whose link was lost may publish instead: should the link come back, it has to connect anew.
   */
  async publish(announcement: SupervisorAnnouncement): Promise<Publication | undefined> {
    const unlinked = { $or: [{ linked: { $ne: true } }, { lost: true }] };
    const document = await this.announce(announcement, PUBLISHED, unlinked, [
      {
        ...publishRhythm,
        publishes: counted('publishes'),
        epoch: { $cond: ['$linked', counted('epoch'), { $ifNull: ['$epoch', 1] }] },
        linked: false,
      },
      { lease_expires_at: inFuture(publishLease) },
    ]);
    return document && { supervisor: toSupervisor(document), number: document.publishes };
  }

  private async announce(
    announcement: SupervisorAnnouncement,
    cause: Cause,
    condition: Record<string, unknown>,
    stages: Record<string, unknown>[],
  ): Promise<SupervisorDocument | undefined> {
    const { domainId, hostname } = announcement;
    const identity = { domain_id: { $eq: domainId }, hostname: { $eq: hostname } };
    const update = () => supervisorUpdate(this.options.pendingTimeout, cause, this.said(announcement), ...stages);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.model
          .findOneAndUpdate({ ...identity, ...condition }, update(), {
            upsert: true,
            returnDocument: 'after',
            updatePipeline: true,
          })
          .lean();
      } catch (error) {
        if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
        // It is there. Either it has just been made, or it is not as the condition wants it.
        if (attempt < TRIES) continue;
        return undefined;
      }
    }
  }

  /**
   * Of what a supervisor says of itself only what differs from the last time is taken over, so that it does not undo
   * what its administrators changed.
   */
  private said({ name, isPublic, labels, tags, capacity }: SupervisorAnnouncement): Record<string, unknown> {
    const announced = { name, is_public: name === ROOT ? true : isPublic, labels, tags };
    const latest = (field: keyof typeof announced, initial: unknown) => {
      const value = announced[field];
      if (value === undefined) return { $ifNull: [`$${field}`, literal(initial)] };
      const changed = { $ne: [`$announced.${field}`, literal(value)] };
      return { $cond: [changed, literal(value), { $ifNull: [`$${field}`, literal(value)] }] };
    };
    const now = {
      name: latest('name', name),
      is_public: latest('is_public', false),
      labels: latest('labels', {}),
      tags: latest('tags', {}),
    };
    const changed = Object.entries(now).map(([field, value]) => ({ $ne: [`$${field}`, value] }));
    return {
      ...now,
      _id: { $ifNull: ['$_id', `supervisor-${randomBytes(6).toString('hex')}`] },
      announced: { $mergeObjects: ['$announced', literal(defined(announced))] },
      capacity: capacity ?? { $ifNull: ['$capacity', 0] },
      priority: { $ifNull: ['$priority', 0] },
      registered: { $ifNull: ['$registered', this.options.autoEnable] },
      disabled: { $ifNull: ['$disabled', false] },
      lost: false,
      silent: false,
      departed: false,
      created_at: { $ifNull: ['$created_at', '$$NOW'] },
      updated_at: { $cond: [{ $or: changed }, '$$NOW', '$updated_at'] },
    };
  }
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
