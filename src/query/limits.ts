/**
 * What one query may ask for. A request has at most 1 MiB over REST and 4 MiB over gRPC; these limits keep what is
 * made of it small enough for the database, and for the process that compiles it.
 */
export const QUERY_LIMITS = {
  /** Conditions in `filter`, and in `filter_or`. */
  filters: 100,
  /** Values of `in` and `not_in`. */
  values: 1_000,
  /** Values of `contain_in`, `not_contain_in` and `regex_in`: each is a search of its own. */
  searches: 50,
  /** Keys to sort by. */
  sorts: 10,
  /** Fields of `only`. */
  only: 100,
  /** Rows of one answer; also what is answered when the page names no limit. */
  rows: 1_000,
  /** Stages of an aggregate, counting those that the caller wrote. */
  stages: 20,
  /** Keys and fields of one group or project stage. */
  stageFields: 50,
  /** UTF-16 code units of a text that is searched for, of a regular expression, and of the keyword. */
  searchLength: 256,
  /** Words of the keyword. */
  words: 10,
  /** UTF-16 code units of a string value. */
  stringLength: 4_096,
  /** UTF-16 code units of a field name with its path. */
  nameLength: 256,
  /** Levels of a value that is an object or a list. */
  depth: 20,
  /** Keys and elements in a value that is an object or a list, all levels together. */
  nodes: 1_000,
} as const;

/**
 * How long one query may hold the database, in milliseconds, as options of its command; the connection waits a little
 * longer than the database works.
 */
export const QUERY_TIME = { maxTimeMS: 5_000, socketTimeoutMS: 6_000 } as const;
