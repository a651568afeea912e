/** A document as the database holds it: snake_case fields, `_id` a string. */
export type StoredDocument = Readonly<Record<string, unknown>> & { readonly _id: string };

/** One change of one document. */
export interface Change {
  readonly id: string;
  /** The document as it is now, at least as new as the change; undefined when it has been deleted. */
  readonly document: StoredDocument | undefined;
}

/** A place where changes come from: the database's change streams, or polling where it has none. */
export interface ChangeSource {
  /**
   * Delivers changes of these collections until it is closed. Resolves when every change made from then on will be
   * delivered.
   *
   * @param onGap changes may have been missed: what was derived from them has to be loaded anew
   */
  open(
    collections: readonly string[],
    onChange: (collection: string, change: Change) => void,
    onGap: () => void,
  ): Promise<void>;
  close(): Promise<void>;
}
