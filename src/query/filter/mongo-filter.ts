/** A MongoDB filter: field paths and `$and`, `$or`, `$nor`, `$expr`; values stand behind operators only. */
export type MongoFilter = Readonly<Record<string, unknown>>;

/** One stage of an aggregation pipeline. */
export type Stage = Readonly<Record<string, unknown>>;

/** What no document matches: every document has an `_id`. */
const NOTHING: MongoFilter = { _id: { $exists: false } };

/** Documents that match all of the filters; every document when there are none. */
export function allOf(filters: readonly MongoFilter[]): MongoFilter {
  const telling = filters.filter((filter) => Object.keys(filter).length > 0);
  return telling.length > 1 ? { $and: telling } : (telling[0] ?? {});
}

/** Documents that match any of the filters; none when there are none. */
export function anyOf(filters: readonly MongoFilter[]): MongoFilter {
  return filters.length > 1 ? { $or: filters } : (filters[0] ?? NOTHING);
}

/** Documents that match none of the filters; every document when there are none. */
export function noneOf(filters: readonly MongoFilter[]): MongoFilter {
  return filters.length > 0 ? { $nor: filters } : {};
}

/** The `$match` stage of a filter; no stage for one that every document passes. */
export function matching(filter: MongoFilter): Stage[] {
  return Object.keys(filter).length > 0 ? [{ $match: filter }] : [];
}
