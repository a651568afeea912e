import type { Transition, Transitioned } from '../database/transitions.js';

/** One change of state of one supervisor or instance. */
export interface BerthEvent extends Transition {
  /** Grows with time; the same whichever process records it. */
  readonly id: string;
  readonly kind: Transitioned['kind'];
  /** The supervisor, or the instance. */
  readonly subjectId: string;
  readonly supervisorId: string;
  /** The domain that the supervisor belongs to. */
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
}

/** What a reader wants to see; absent is all. */
export interface EventMatch {
  readonly supervisorId?: string | undefined;
  readonly pluginId?: string | undefined;
  readonly version?: string | undefined;
}

export function toEvent(subject: Transitioned, transition: Transition): BerthEvent {
  const { kind, id, supervisorId, domainId, pluginId, version } = subject;
  return {
    ...transition,
    id: `${transition.at.toISOString()} ${id}#${transition.revision}`,
    kind,
    subjectId: id,
    supervisorId,
    domainId,
    pluginId,
    version,
  };
}

export function matches(event: BerthEvent, { supervisorId, pluginId, version }: EventMatch): boolean {
  return (
    (supervisorId ?? event.supervisorId) === event.supervisorId &&
    (pluginId ?? event.pluginId) === event.pluginId &&
    (version ?? event.version) === event.version
  );
}
