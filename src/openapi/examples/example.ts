/** A request as it is sent, and what is answered to it. */
export interface Example {
  /** Unique in its operation. */
  readonly name: string;
  readonly summary: string;
  readonly request: object;
  readonly status: number;
  readonly answer: object;
}

/** Examples by the path of their operation. */
export type Examples = Readonly<Record<string, readonly Example[]>>;

/** The answer to what cannot be done. */
export const refused = (code: string, message: string) => ({ detail: { code, message } });
