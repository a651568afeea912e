/** The lease of a supervisor of whose rhythm nothing is known yet, in milliseconds. */
const FIRST_LEASE = 300_000;
const SHORTEST_LEASE = 60_000;
const LONGEST_LEASE = 360_000;

/** So many of its longest pauses may pass. */
const PATIENCE = 3;

/** Pauses that are remembered. */
const REMEMBERED = 5;

/** What comes sooner is the same publish again. */
const SHORTEST_PAUSE = 1_000;

const pause = { $subtract: ['$$NOW', '$published_at'] };

/** A publish that has nothing to compare with: the first one, and the first after a silence. */
const afresh = {
  $or: [{ $not: ['$published_at'] }, { $gt: [pause, LONGEST_LEASE] }],
};

const repeated = { $lt: [pause, SHORTEST_PAUSE] };

/** Database expressions of a publish: the last pauses, the newest first, and the time that the next one is counted from. */
export const publishRhythm = {
  publish_pauses: {
    $switch: {
      branches: [
        { case: afresh, then: [] },
        { case: repeated, then: '$publish_pauses' },
      ],
      default: { $slice: [{ $concatArrays: [[pause], '$publish_pauses'] }, REMEMBERED] },
    },
  },
  published_at: { $cond: [{ $and: [{ $not: [afresh] }, repeated] }, '$published_at', '$$NOW'] },
};

/**
 * How long a supervisor that publishes now and then counts as alive, as a database expression over its `publish_pauses`:
 * three times the longest of its last pauses, from one to six minutes.
 */
export const publishLease = {
  $cond: [
    { $eq: ['$publish_pauses', []] },
    FIRST_LEASE,
    {
      $min: [LONGEST_LEASE, { $max: [SHORTEST_LEASE, { $multiply: [PATIENCE, { $max: '$publish_pauses' }] }] }],
    },
  ],
};
