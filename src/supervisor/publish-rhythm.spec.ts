import { expect, it } from 'vitest';
import { applyUpdate } from '../../test/support/apply-update.js';
import { publishLease, publishRhythm } from './publish-rhythm.js';

const SECOND = 1_000;
const MINUTE = 60_000;

/** The supervisor after it has published at those times, and how long it then counts as alive, in milliseconds. */
function published(...times: number[]) {
  const stages = [{ $set: publishRhythm }, { $set: { lease: publishLease } }];
  return times.reduce<Record<string, unknown>>((document, at) => applyUpdate(stages, document, at), {});
}

it('gives one of whose rhythm nothing is known five minutes', () => {
  expect(published(MINUTE)).toEqual({ publish_pauses: [], published_at: new Date(MINUTE), lease: 5 * MINUTE });
});

it.each([
  [1, MINUTE],
  [20, MINUTE],
  [21, 63 * SECOND],
  [60, 3 * MINUTE],
  [120, 6 * MINUTE],
  [121, 6 * MINUTE],
  [360, 6 * MINUTE],
])('lets one that publishes every %i s miss two, within one to six minutes', (seconds, lease) => {
  const pause = seconds * SECOND;
  expect(published(MINUTE, MINUTE + pause)).toEqual({
    publish_pauses: [pause],
    published_at: new Date(MINUTE + pause),
    lease,
  });
});

it('counts the longest of the last five pauses', () => {
  const times = [0, 90, 120, 151, 183, 216].map((seconds) => MINUTE + seconds * SECOND);
  expect(published(...times)).toMatchObject({
    publish_pauses: [33, 32, 31, 30, 90].map((seconds) => seconds * SECOND),
    lease: 270 * SECOND,
  });
  expect(published(...times, MINUTE + 250 * SECOND)).toMatchObject({
    publish_pauses: [34, 33, 32, 31, 30].map((seconds) => seconds * SECOND),
    lease: 102 * SECOND,
  });
});

it('takes what comes within a second for the same publish', () => {
  const known = published(MINUTE, 2 * MINUTE);
  expect(published(MINUTE, 2 * MINUTE, 2 * MINUTE + 999)).toEqual(known);
  expect(published(MINUTE, 2 * MINUTE, 2 * MINUTE + SECOND)).toMatchObject({ publish_pauses: [SECOND, MINUTE] });
});

it('begins again after a silence', () => {
  const [first, second] = [MINUTE, 2 * MINUTE];
  expect(published(first, second, second + 6 * MINUTE)).toMatchObject({ publish_pauses: [6 * MINUTE, MINUTE] });
  const late = second + 6 * MINUTE + 1;
  expect(published(first, second, late)).toEqual({
    publish_pauses: [],
    published_at: new Date(late),
    lease: 5 * MINUTE,
  });
});
