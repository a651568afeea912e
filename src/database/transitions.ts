/** Who had something changed. */
export type Actor = 'caller' | 'supervisor' | 'berth';

/** One change of state, as the document that changed keeps it until it is recorded as an event. */
export interface Transition {
  /** In the database's time. */
  readonly at: Date;
  /** The document's, after the change. */
  readonly revision: number;
  /** Empty where there was nothing before. */
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly generation: number;
  readonly by: Actor;
}

/** What has changed, and its latest changes. */
export interface Transitioned {
  readonly kind: 'supervisor' | 'installed_plugin';
  readonly id: string;
  readonly supervisorId: string;
  /** The domain that the supervisor belongs to. */
  readonly domainId: string;
  /** Empty for a supervisor, as is the version. */
  readonly pluginId: string;
  readonly version: string;
  /** The oldest first. */
  readonly transitions: readonly Transition[];
}

/** So many are kept: whoever records them may be that far behind. */
const KEPT = 8;

/** Longest reason that is kept, in UTF-16 code units. */
export const TRANSITION_REASON_LENGTH = 500;

/** A transition as expressions on the document before the change. */
export interface TransitionFields {
  readonly from: unknown;
  readonly to: unknown;
  readonly reason: unknown;
  readonly generation: unknown;
  readonly revision: unknown;
  readonly by: Actor;
  /** Whether there is anything to tell. */
  readonly changed: unknown;
}

/** The document's `transitions` after a change, as an expression: written with the change itself, so that none is lost. */
export function withTransition({ changed, by, ...fields }: TransitionFields): object {
  const known = { $ifNull: ['$transitions', []] };
  const transition = { at: '$$NOW', ...fields, by: { $literal: by } };
  return { $cond: [changed, { $slice: [{ $concatArrays: [known, [transition]] }, -KEPT] }, known] };
}
