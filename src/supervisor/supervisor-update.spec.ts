import { describe, expect, it } from 'vitest';
import { applyUpdate } from '../../test/support/apply-update.js';
import { actionEffects, statesFor, type SupervisorAction, supervisorMoves } from './supervisor-state.js';
import { inFuture, literal, pendingSince, supervisorUpdate } from './supervisor-update.js';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;
const cause = { by: 'caller', reason: 'somebody wanted it' } as const;

const update = (document: Record<string, unknown>, fields: Record<string, unknown> = {}, pendingTimeout?: number) =>
  applyUpdate(supervisorUpdate(pendingTimeout, cause, fields), document, NOW);

const supervisor = {
  ...{ state: 'ENABLED', registered: true, disabled: false, lost: false, epoch: 3, revision: 7 },
  created_at: new Date(0),
};

describe('the state follows from what was decided and from whether it is heard', () => {
  it.each([
    [{ disabled: true, lost: true, registered: true }, 'DISABLED'],
    [{ disabled: false, lost: true, registered: true }, 'DISCONNECTED'],
    [{ disabled: false, lost: false, registered: true }, 'ENABLED'],
    [{ disabled: false, lost: false, registered: false }, 'PENDING'],
    [{ disabled: true, lost: false, registered: false }, 'DISABLED'],
  ])('%o: %s', (decided, state) => {
    expect(update({ ...supervisor, ...decided, created_at: new Date(NOW) })).toMatchObject({ state });
  });

  it.each([
    [undefined, 5 * MINUTE - 1, 'PENDING'],
    [undefined, 5 * MINUTE, 'DISCONNECTED'],
    [MINUTE, MINUTE - 1, 'PENDING'],
    [MINUTE, MINUTE, 'DISCONNECTED'],
  ])('waits %s ms for its registration: after %i ms it is %s', (timeout, age, state) => {
    const pending = { ...supervisor, registered: false, created_at: new Date(NOW - age) };
    expect(update(pending, {}, timeout)).toMatchObject({ state });
    const { since } = applyUpdate([{ $set: { since: pendingSince(timeout) } }], {}, NOW);
    expect(pending.created_at <= (since as Date)).toBe(state === 'DISCONNECTED');
  });

  it.each<[SupervisorAction, string[], string]>([
    ['register', ['PENDING', 'DISCONNECTED'], 'ENABLED'],
    ['enable', ['ENABLED', 'DISABLED', 'DISCONNECTED'], 'ENABLED'],
    ['disable', ['ENABLED', 'DISABLED', 'DISCONNECTED'], 'DISABLED'],
  ])('%s is possible in the states %j, and leads to %s', (action, states, state) => {
    expect(statesFor(action)).toEqual(states);
    expect(Object.values(supervisorMoves[action])).toEqual(states.map(() => state));
    for (const disabled of action === 'register' ? [false] : [false, true]) {
      expect(update({ ...supervisor, disabled, registered: false }, actionEffects[action])).toMatchObject({ state });
    }
  });
});

it('moves the revision each time, and keeps nothing of its own', () => {
  expect(update(supervisor, { name: literal('$name') })).toEqual({
    ...supervisor,
    ...{ name: '$name', revision: 8, transitions: [] },
  });
  expect(update({ created_at: new Date(NOW) })).toMatchObject({ revision: 1, state: 'PENDING' });
});

it('writes down who moved the state, when, and why, and nothing where it stays', () => {
  const moved = { at: new Date(NOW), from: 'ENABLED', to: 'DISABLED', generation: 3, revision: 8, ...cause };
  const disabled = update(supervisor, { disabled: true });
  expect(disabled['transitions']).toEqual([moved]);
  const again = update(disabled, { disabled: true });
  expect(again).toMatchObject({ revision: 9, transitions: [moved] });
  const enabled = update(again, { disabled: false });
  expect(enabled['transitions']).toEqual([moved, { ...moved, from: 'DISABLED', to: 'ENABLED', revision: 10 }]);
});

it('tells its first state, and keeps the last eight', () => {
  let document: Record<string, unknown> = { epoch: 1, registered: true, disabled: false, lost: false };
  for (let count = 1; count <= 10; count++) document = update(document, { lost: count % 2 === 0 });
  const transitions = document['transitions'] as { revision: number; from: string }[];
  expect(transitions.map(({ revision }) => revision)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect(update({ registered: true, lost: false })['transitions']).toMatchObject([{ from: '', to: 'ENABLED' }]);
});

it("counts what is to come in the database's time", () => {
  expect(update(supervisor, { lease_expires_at: inFuture(MINUTE) })).toMatchObject({
    lease_expires_at: new Date(NOW + MINUTE),
  });
});
