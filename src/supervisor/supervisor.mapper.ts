import { SupervisorInfo, SupervisorInfo_State } from '../generated/spaceone/api/plugin/v1/supervisor.js';
import type { Transitioned } from '../database/transitions.js';
import type { Supervisor } from './supervisor.js';
import type { SupervisorDocument } from './supervisor.schema.js';

export function toSupervisor(document: SupervisorDocument): Supervisor {
  return {
    id: document._id,
    domainId: document.domain_id,
    name: document.name,
    hostname: document.hostname,
    state: document.state,
    lost: document.lost,
    silent: document.silent ?? false,
    departed: document.departed ?? false,
    leaseExpiresAt: document.lease_expires_at,
    isPublic: document.is_public,
    priority: document.priority,
    labels: document.labels,
    tags: document.tags,
    capacity: document.capacity,
    epoch: document.epoch,
    createdAt: document.created_at,
    updatedAt: document.updated_at,
    revision: document.revision,
  };
}

/** What became of it lately. */
export function toTransitioned({ _id, domain_id, transitions }: SupervisorDocument): Transitioned {
  const subject = { kind: 'supervisor', id: _id, supervisorId: _id, domainId: domain_id } as const;
  return { ...subject, pluginId: '', version: '', transitions: transitions ?? [] };
}

/** The supervisor as the API answers it. */
export function toSupervisorInfo(supervisor: Supervisor): SupervisorInfo {
  return {
    supervisor_id: supervisor.id,
    name: supervisor.name,
    hostname: supervisor.hostname,
    state: SupervisorInfo_State[supervisor.state],
    is_public: supervisor.isPublic,
    labels: supervisor.labels,
    tags: supervisor.tags,
    domain_id: supervisor.domainId,
    created_at: supervisor.createdAt.toISOString(),
    updated_at: supervisor.updatedAt.toISOString(),
  };
}

/** A row of a query as the API answers it: with the fields that the query asked for. */
export function toSupervisorRow(row: Record<string, unknown>): SupervisorInfo {
  const { _id, created_at, updated_at, name, hostname, state, is_public, labels, tags, domain_id } =
    row as Partial<SupervisorDocument>;
  return {
    ...(_id !== undefined && { supervisor_id: _id }),
    ...(name !== undefined && { name }),
    ...(hostname !== undefined && { hostname }),
    ...(state !== undefined && { state: SupervisorInfo_State[state] }),
    ...(is_public !== undefined && { is_public }),
    ...(labels !== undefined && { labels }),
    ...(tags !== undefined && { tags }),
    ...(domain_id !== undefined && { domain_id }),
    ...(created_at !== undefined && { created_at: created_at.toISOString() }),
    ...(updated_at !== undefined && { updated_at: updated_at.toISOString() }),
  };
}
