/** MongoDB's documented error codes that this server answers with. */
const CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  Overflow: 15,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CommandNotSupported: 115,
  ExceededMemoryLimit: 146,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  UnsatisfiableWriteConcern: 100,
  TransactionTooOld: 225,
  CursorKilled: 237,
  InvalidResumeToken: 260,
  ChangeStreamFatalError: 280,
  ChangeStreamHistoryLost: 286,
  UnsupportedOpQueryCommand: 352,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
  /** A command field, stage or operator that MongoDB numbers without a name. */
  UnknownField: 40415,
  UnknownStage: 40324,
} as const;

const NAMELESS = new Set<string>(['UnknownField', 'UnknownStage']);

export type ErrorName = keyof typeof CODES;

/** A refusal in MongoDB's own terms: a code, its name, a message, and what E11000 and others add. */
export class MongoError extends Error {
  readonly code: number;
  readonly codeName: string;

  constructor(
    name: ErrorName | number,
    message: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message);
    this.code = typeof name === 'number' ? name : CODES[name];
    this.codeName = typeof name === 'number' || NAMELESS.has(name) ? `Location${this.code}` : name;
  }

  /** The reply of a command that failed as a whole. */
  reply(): Record<string, unknown> {
    return { ok: 0, errmsg: this.message, code: this.code, codeName: this.codeName, ...this.extra };
  }

  /** The entry of one failed statement in `writeErrors`. */
  writeError(index: number): Record<string, unknown> {
    const { errorLabels: _labels, ...extra } = this.extra;
    return { index, code: this.code, errmsg: this.message, ...extra };
  }
}

/** What happened, as a {@link MongoError}: anything unforeseen becomes InternalError, and stays in this command. */
export function toMongoError(error: unknown): MongoError {
  if (error instanceof MongoError) return error;
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return new MongoError('Overflow', 'the command is nested too deeply');
  }
  return new MongoError('InternalError', error instanceof Error ? error.message : String(error));
}

/** A value as messages show it. */
export function shown(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner));
}

/** Throws unless `condition` holds; a message that costs something is a function. */
export function check(
  condition: unknown,
  name: ErrorName | number,
  message: string | (() => string),
  extra?: Record<string, unknown>,
): asserts condition {
  if (!condition) throw new MongoError(name, typeof message === 'string' ? message : message(), extra);
}
