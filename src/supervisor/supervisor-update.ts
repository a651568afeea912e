import { derivedState } from './supervisor-state.js';

/** A stage of an update that reads the document it changes. */
interface SetStage {
  $set: Record<string, unknown>;
}

/** How long an unregistered supervisor stays PENDING where nobody says otherwise, in milliseconds. */
const PENDING_TIMEOUT = 300_000;

/** Data, whatever it looks like. */
export const literal = (value: unknown) => ({ $literal: value });

/** So many milliseconds from now, in the database's time. */
export const inFuture = (ms: unknown) => ({ $add: ['$$NOW', ms] });

/**
 * An update of a supervisor: the stages given, one after the other, and what follows from them. Every one moves the
 * revision.
 */
export function supervisorUpdate(pendingTimeout = PENDING_TIMEOUT, ...stages: Record<string, unknown>[]): SetStage[] {
  const revision = { $add: [{ $ifNull: ['$revision', 0] }, 1] };
  return [...stages, { revision, state: derivedState(pendingTimeout) }].map((fields) => ({ $set: fields }));
}

/** Ends the time of those that were PENDING for too long: created before this, in the database's time. */
export function pendingSince(pendingTimeout = PENDING_TIMEOUT): object {
  return { $subtract: ['$$NOW', pendingTimeout] };
}
