import { type Actor, withTransition } from '../database/transitions.js';
import { derivedState } from './supervisor-state.js';

/** A stage of an update that reads the document it changes. */
type Stage = { $set: Record<string, unknown> } | { $unset: string };

/** Who has a supervisor changed, and why: told where its state changes with it. */
export interface Cause {
  readonly by: Actor;
  readonly reason: string;
}

/** How long an unregistered supervisor stays PENDING where nobody says otherwise, in milliseconds. */
const PENDING_TIMEOUT = 300_000;

/** Data, whatever it looks like. */
export const literal = (value: unknown) => ({ $literal: value });

/** So many milliseconds from now, in the database's time. */
export const inFuture = (ms: unknown) => ({ $add: ['$$NOW', ms] });

/**
 * An update of a supervisor: the stages given, one after the other, and what follows from them. Every one moves the
 * revision; one that moves the state is written down.
 */
export function supervisorUpdate(
  pendingTimeout = PENDING_TIMEOUT,
  { by, reason }: Cause,
  ...stages: Record<string, unknown>[]
): Stage[] {
  const transitions = withTransition({
    from: '$before',
    to: '$state',
    reason,
    generation: '$epoch',
    revision: '$revision',
    by,
    changed: { $ne: ['$before', '$state'] },
  });
  const sets: Record<string, unknown>[] = [
    { before: { $ifNull: ['$state', ''] } },
    ...stages,
    { revision: { $add: [{ $ifNull: ['$revision', 0] }, 1] }, state: derivedState(pendingTimeout) },
    { transitions },
  ];
  return [...sets.map((fields) => ({ $set: fields })), { $unset: 'before' }];
}

/** Ends the time of those that were PENDING for too long: created before this, in the database's time. */
export function pendingSince(pendingTimeout = PENDING_TIMEOUT): object {
  return { $subtract: ['$$NOW', pendingTimeout] };
}
