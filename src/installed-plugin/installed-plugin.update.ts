import { codeUnits, keepEnds } from '../common/text/clip.js';
import { type Actor, TRANSITION_REASON_LENGTH, withTransition } from '../database/transitions.js';

/** Longest reason that is kept, in UTF-16 code units. */
export const REASON_LENGTH = 4_000;

/** A stage of an update that reads the document it changes. */
interface SetStage {
  $set: Record<string, unknown>;
}

/**
 * Revisions of what was removed and is made again under its id go on above those that it had, whoever has not heard of
 * the removal yet: the first is the database's time, in microseconds.
 */
const firstRevision = { $multiply: [{ $subtract: ['$$NOW', new Date(0)] }, 1000] };

const nextRevision = { $add: ['$revision', 1] };

/** Data, whatever it looks like. */
export const literal = (value: unknown) => ({ $literal: value });

/** An update of a document; every one moves the revision and the time of change. */
export function change(fields: Record<string, unknown>): SetStage[] {
  return [{ $set: { ...fields, revision: nextRevision, updated_at: '$$NOW' } }];
}

/**
 * An update that makes the document where there is none: only what is missing is set.
 *
 * @param fields data
 * @param more expressions
 */
export function made(fields: Record<string, unknown>, more: Record<string, unknown> = {}): SetStage[] {
  const values = {
    ...Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, literal(value)])),
    revision: firstRevision,
    created_at: '$$NOW',
    updated_at: '$$NOW',
    ...more,
  };
  return [
    {
      $set: Object.fromEntries(
        Object.entries(values).map(([field, value]) => [field, { $ifNull: [`$${field}`, value] }]),
      ),
    },
  ];
}

/** The transitions of an instance that a caller has made. */
export const firstTransitions = [
  {
    ...{ at: '$$NOW', revision: firstRevision, from: '', to: 'PROVISIONING', reason: '' },
    ...{ generation: literal(1), by: 'caller' },
  },
];

/** An update of an instance's state. */
interface StateChange {
  readonly state: unknown;
  /** Text. */
  readonly state_reason: string;
  readonly generation?: unknown;
}

/** An update of an instance that moves its state, its generation, or tells news of it: that is written down with it. */
export function moved(by: Actor, { state_reason: said, ...fields }: StateChange & Record<string, unknown>): SetStage[] {
  const reason = literal(keepEnds(said, REASON_LENGTH, codeUnits));
  const generation = fields.generation ?? '$generation';
  const changed = {
    $or: [{ $ne: ['$state', fields.state] }, { $ne: ['$generation', generation] }, { $ne: ['$state_reason', reason] }],
  };
  const transitions = withTransition({
    from: '$state',
    to: fields.state,
    reason: literal(keepEnds(said, TRANSITION_REASON_LENGTH, codeUnits)),
    generation,
    revision: nextRevision,
    by,
    changed,
  });
  return change({ ...fields, state_reason: reason, transitions });
}
