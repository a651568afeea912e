import { EventInfo_Actor, EventInfo_Kind, type EventInfo } from '../generated/berth/api/v1/event.js';
import type { BerthEvent } from './event.js';
import type { EventDocument } from './event.schema.js';

const kinds = {
  supervisor: EventInfo_Kind.SUPERVISOR,
  installed_plugin: EventInfo_Kind.INSTALLED_PLUGIN,
} as const;

const actors = {
  caller: EventInfo_Actor.CALLER,
  supervisor: EventInfo_Actor.SUPERVISOR_ITSELF,
  berth: EventInfo_Actor.BERTH,
} as const;

/** The event as the API answers it. */
export function toEventInfo(event: BerthEvent): EventInfo {
  const { id, kind, supervisorId, pluginId, version, from, to, reason, generation, by, at } = event;
  return {
    event_id: id,
    kind: kinds[kind],
    supervisor_id: supervisorId,
    plugin_id: pluginId,
    version,
    from,
    to,
    reason,
    generation,
    by: actors[by],
    at: at.toISOString(),
  };
}

export function toBerthEvent(document: EventDocument): BerthEvent {
  const { _id, kind, from, to, reason, generation, revision, by, at } = document;
  return {
    id: _id,
    kind,
    subjectId: document.subject_id,
    supervisorId: document.supervisor_id,
    domainId: document.domain_id,
    pluginId: document.plugin_id,
    version: document.version,
    from,
    to,
    reason,
    generation,
    revision,
    by,
    at,
  };
}

export function toEventFields(event: BerthEvent, ttl: number): Omit<EventDocument, '_id'> {
  const { kind, from, to, reason, generation, revision, by, at } = event;
  return {
    kind,
    subject_id: event.subjectId,
    supervisor_id: event.supervisorId,
    domain_id: event.domainId,
    plugin_id: event.pluginId,
    version: event.version,
    from,
    to,
    reason,
    generation,
    revision,
    by,
    at,
    expires_at: new Date(at.getTime() + ttl),
  };
}
