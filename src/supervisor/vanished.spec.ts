import { expect, it } from 'vitest';
import type { Supervisor } from './supervisor.js';
import { supervisor } from './supervisor.fixture.js';
import { vanishedTogether } from './vanished.js';

const HOUR = 3_600_000;
const THEN = 400_000 * HOUR;

const here = (count: number) => Array.from({ length: count }, (_, n) => supervisor(`here-${n}`));
const gone = (count: number, at = 0, changes: Partial<Supervisor> = {}) =>
  Array.from({ length: count }, (_, n) =>
    supervisor(`gone-${at}-${n}`, {
      state: 'DISCONNECTED',
      lost: true,
      leaseExpiresAt: new Date(THEN + at + n * 1_000),
      ...changes,
    }),
  );

const others = (state: Supervisor['state'], silent = false) =>
  here(4).map((one) => ({ ...one, id: `${one.id}-${state}`, state, silent }));

it.each<[string, Supervisor[], number]>([
  ['three of five', [...here(2), ...gone(3)], 3],
  ['all', gone(3), 3],
  ['eleven of twenty', [...here(9), ...gone(11)], 11],
  ['ten of twenty', [...here(10), ...gone(10)], 0],
  ['two, which may be chance', [...here(1), ...gone(2)], 0],
  ['three of five, one after the other', [...here(2), ...gone(1), ...gone(1, HOUR), ...gone(1, 2 * HOUR)], 0],
  ['one, long after many others', [...here(4), ...gone(10), ...gone(1, HOUR)], 10],
  ['three, of which each has but one within a minute', [...gone(1), ...gone(1, 60_000), ...gone(1, 120_000)], 1],
  ['three of five, besides pending ones', [...here(2), ...gone(3), ...others('PENDING')], 3],
  ['three of five, besides disabled ones that are silent', [...here(2), ...gone(3), ...others('DISABLED', true)], 3],
  ['disabled ones that are silent', others('DISABLED', true), 0],
  ['three that said goodbye', [...here(1), ...gone(3, 0, { departed: true })], 0],
  ['three that were disabled', [...here(1), ...gone(3, 0, { state: 'DISABLED' })], 0],
])('waits for most of them when they vanish at once: %s', (_, supervisors, held) => {
  expect(vanishedTogether(supervisors).size).toBe(held);
});

it('knows of the others before the first counts as lost', () => {
  const silent = here(2).map((one) => ({
    ...one,
    id: `${one.id}-silent`,
    silent: true,
    leaseExpiresAt: new Date(THEN + 2_000),
  }));
  expect([...vanishedTogether([...here(1), ...gone(1), ...silent])]).toContain('gone-0-0');
  expect(vanishedTogether([...here(2), ...gone(1)]).size).toBe(0);
});
