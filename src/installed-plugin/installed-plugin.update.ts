/** Longest reason that is kept, in UTF-16 code units. */
export const REASON_LENGTH = 4_000;

/** A stage of an update that reads the document it changes. */
interface SetStage {
  $set: Record<string, unknown>;
}

/** Data, whatever it looks like. */
export const literal = (value: unknown) => ({ $literal: value });

/** An update of an instance; every one moves the revision and the time of change. */
export function change(fields: Record<string, unknown>): SetStage[] {
  return [{ $set: { ...fields, revision: { $add: ['$revision', 1] }, updated_at: '$$NOW' } }];
}
